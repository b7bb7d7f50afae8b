-- Built while customers order, so outside of a transaction.
CREATE INDEX CONCURRENTLY orders_status ON orders (status, placed_at);
