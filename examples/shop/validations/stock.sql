-- verify: the stock is whole
-- expect: 240
SELECT count(*) FROM products;

-- verify: orders can be listed by status
-- expect: runs
SELECT id FROM orders INDEXED BY orders_status WHERE status = 'placed' ORDER BY placed_at LIMIT 1;
