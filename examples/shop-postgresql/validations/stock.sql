-- verify: the stock is whole
-- expect: 240
SELECT count(*) FROM products;

-- verify: orders can be listed by status
-- expect: true
SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = 'orders_status'::regclass;

-- verify: new orders are numbered on from the old ones
-- expect: true
SELECT last_value >= (SELECT max(id) FROM orders) FROM pg_sequences WHERE sequencename = 'orders_id_seq';
