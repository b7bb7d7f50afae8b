-- Orders tell how far they are. Older orders have been delivered; releases that do not know the column write 'placed'.
ALTER TABLE orders ADD COLUMN status TEXT NOT NULL DEFAULT 'placed';

UPDATE orders SET status = 'delivered' WHERE placed_at < datetime('now', '-30 days');
