-- Orders tell how far they are. Older orders have been delivered; releases that do not know the column write 'placed'.
ALTER TABLE orders ADD COLUMN status TEXT NOT NULL DEFAULT 'placed';

-- deployops: allow LCK004 reason="a few hundred orders: customers wait for milliseconds"
UPDATE orders SET status = 'delivered' WHERE placed_at < now() - INTERVAL '30 days';
