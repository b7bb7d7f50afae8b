CREATE INDEX orders_status ON orders (status, placed_at);
