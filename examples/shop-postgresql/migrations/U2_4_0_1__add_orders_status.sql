-- deployops: destructive reason="the release that writes the column is taken back"
ALTER TABLE orders DROP COLUMN status;
