-- verify: the replica lists orders by status, too
-- expect: true
-- on: replica   timeout: 10s
SELECT indisvalid AND pg_is_in_recovery() FROM pg_index WHERE indexrelid = 'orders_status'::regclass;

-- verify: the replica has every order a status
-- expect: no rows
-- on: replica
SELECT id FROM orders WHERE status IS NULL;
