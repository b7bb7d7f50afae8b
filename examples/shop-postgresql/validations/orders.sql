-- verify: every order has a known status
-- expect: no rows
SELECT id, status FROM orders WHERE status NOT IN ('placed', 'delivered');

-- verify: no order lost its customer or its product
-- expect: no rows
SELECT o.id
FROM orders o
LEFT JOIN customers c ON c.id = o.customer_id
LEFT JOIN products p ON p.id = o.product_id
WHERE c.id IS NULL OR p.id IS NULL;

-- verify: the old orders are all there
-- expect: >= 400
SELECT count(*) FROM orders;
