using DeployOps.Adapters.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlFingerprintTests(PostgreSqlCluster cluster)
{
    private const string Shop = "CREATE TABLE orders (id serial PRIMARY KEY, status text NOT NULL DEFAULT 'open', price numeric); INSERT INTO orders (price) VALUES (1), (2), (2);"
        + """
        CREATE FUNCTION two() RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE TYPE place AS (street text, number int); ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON orders USING (id < 10);
        CREATE PUBLICATION part FOR TABLE orders (id, status) WHERE (id > 0); CREATE STATISTICS triples ON id, status, price FROM orders;
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note();
        CREATE RULE quiet AS ON DELETE TO orders WHERE old.id > 100 DO INSTEAD NOTHING; CREATE MATERIALIZED VIEW later AS SELECT id FROM orders WITH NO DATA;
        CREATE TEXT SEARCH DICTIONARY words (TEMPLATE = simple, StopWords = 'english'); CREATE TEXT SEARCH CONFIGURATION search (COPY = simple);
        ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH words; CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
        """;

    [Fact]
    public async Task Columns_that_a_backup_does_not_have_are_counted_and_what_is_written_to_them_later_is_not_lost()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.dump");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("ALTER TABLE orders ADD status text NOT NULL DEFAULT 'new', ADD note json, ADD empty int, ADD twice int GENERATED ALWAYS AS (id * 2) STORED; UPDATE orders SET note = to_json(id) WHERE id > 1");
        var live = await backups.FingerprintAsync(taken, default);
        await shop.ExecuteAsync("UPDATE orders SET note = '0'");

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, live, default));

        live.Tables.Single().Added.ShouldBe([new("status", 3, true), new("note", 2, false), new("empty", 0, true)]);
        error.ErrorId.ShouldBe("RestoreLosesMore");
        error.Message.ShouldContain($"{shop.Name}.public.orders.note has 3 values, 2 then");
    }

    [Fact]
    public async Task Nothing_is_compiled_to_read_a_state()
    {
        await using var shop = await cluster.CreateAsync();
        await using var connection = new NpgsqlConnection(shop.ConnectionString + ";Pooling=false;Options=-c jit=on");
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        await PostgreSqlFingerprints.BeginAsync(connection, default);

        (await connection.ScalarAsync<string>("SHOW jit", [], default)).ShouldBe("off");
    }

    [Theory]
    [InlineData("UPDATE orders SET price = 3 WHERE id = 1", "public.orders: 3 rows on both sides, contents differ")]
    [InlineData("UPDATE orders SET price = CASE id WHEN 1 THEN 2 ELSE 1 END WHERE id < 3", "public.orders: 3 rows on both sides, contents differ")]
    [InlineData("DELETE FROM orders WHERE id = 3", "public.orders: 3 rows expected, 2 found")]
    [InlineData("SELECT nextval('orders_id_seq')", "sequence public.orders_id_seq: 3 expected, 4 found")]
    [InlineData("CREATE TABLE more (x int)", "public.more: not expected, 0 rows found, the schema differs")]
    [InlineData("ALTER TABLE orders ALTER status SET DEFAULT 'new'", "the schema differs")]
    [InlineData("ALTER TABLE orders ADD CHECK (price > 0)", "the schema differs")]
    [InlineData("CREATE INDEX ON orders (price)", "the schema differs")]
    [InlineData("CREATE VIEW paid AS SELECT id FROM orders", "the schema differs")]
    [InlineData("CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "the schema differs")]
    [InlineData("CREATE TYPE mood AS ENUM ('good')", "the schema differs")]
    [InlineData("GRANT SELECT ON orders TO PUBLIC", "the schema differs")]
    [InlineData("GRANT SELECT (price) ON orders TO PUBLIC", "the schema differs")]
    [InlineData("COMMENT ON COLUMN orders.price IS 'in cents'", "the schema differs")]
    [InlineData("COMMENT ON CONSTRAINT orders_pkey ON orders IS 'the key'", "the schema differs")]
    [InlineData("COMMENT ON SCHEMA public IS 'ours'", "the schema differs")]
    [InlineData("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "the schema differs")]
    [InlineData("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO PUBLIC", "the schema differs")]
    [InlineData("GRANT CREATE ON SCHEMA public TO PUBLIC", "the schema differs")]
    [InlineData("ALTER TABLE orders OWNER TO pg_monitor", "the schema differs")]
    [InlineData("ALTER SCHEMA public OWNER TO pg_monitor", "the schema differs")]
    [InlineData("ALTER FUNCTION two() OWNER TO pg_monitor", "the schema differs")]
    [InlineData("ALTER TYPE place OWNER TO pg_monitor", "the schema differs")]
    [InlineData("REVOKE USAGE ON TYPE place FROM PUBLIC", "the schema differs")]
    [InlineData("ALTER POLICY few ON orders TO pg_monitor", "the schema differs")]
    [InlineData("DROP POLICY few ON orders", "the schema differs")]
    [InlineData("CREATE PUBLICATION all_orders FOR TABLE orders", "the schema differs")]
    [InlineData("ALTER PUBLICATION part SET TABLE orders (id)", "the schema differs")]
    [InlineData("ALTER PUBLICATION part SET (publish = 'insert')", "the schema differs")]
    [InlineData("CREATE STATISTICS pairs ON status, price FROM orders", "the schema differs")]
    [InlineData("ALTER STATISTICS triples SET STATISTICS 500", "the schema differs")]
    [InlineData("ALTER TABLE orders DISABLE TRIGGER noted", "the schema differs")]
    [InlineData("ALTER TABLE orders DISABLE RULE quiet", "the schema differs")]
    [InlineData("ALTER TABLE orders SET (fillfactor = 70)", "the schema differs")]
    [InlineData("ALTER TABLE orders SET (toast.autovacuum_enabled = false)", "the schema differs")]
    [InlineData("ALTER TABLE orders ALTER status SET STORAGE EXTERNAL", "the schema differs")]
    [InlineData("ALTER TABLE orders ALTER status SET COMPRESSION pglz", "the schema differs")]
    [InlineData("ALTER TABLE orders ALTER price SET STATISTICS 500", "the schema differs")]
    [InlineData("ALTER TABLE orders ALTER price SET (n_distinct = 5)", "the schema differs")]
    [InlineData("ALTER TABLE orders REPLICA IDENTITY FULL", "the schema differs")]
    [InlineData("ALTER TABLE orders CLUSTER ON orders_pkey", "the schema differs")]
    [InlineData("ALTER SEQUENCE orders_id_seq OWNED BY NONE", "the schema differs")]
    [InlineData("REFRESH MATERIALIZED VIEW later", "the schema differs")]
    [InlineData("CREATE AGGREGATE total(numeric) (SFUNC = numeric_add, STYPE = numeric)", "the schema differs")]
    [InlineData("CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)", "the schema differs")]
    [InlineData("CREATE CAST (place AS text) WITH INOUT", "the schema differs")]
    [InlineData("CREATE COLLATION mine FROM \"C\"", "the schema differs")]
    [InlineData("ALTER TEXT SEARCH DICTIONARY words (StopWords = 'german')", "the schema differs")]
    [InlineData("ALTER TEXT SEARCH CONFIGURATION search ALTER MAPPING FOR word WITH simple", "the schema differs")]
    [InlineData("CREATE EVENT TRIGGER watched ON ddl_command_end EXECUTE FUNCTION noticed()", "the schema differs")]
    [InlineData("SELECT lo_put(4711, 20000000, 'y')", "large objects: 1 rows on both sides, contents differ")]
    [InlineData("SELECT lo_put(4711, 0, 'y')", "large objects: 1 rows on both sides, contents differ")]
    [InlineData("SELECT lo_unlink(4711); SELECT lo_from_bytea(4711, 'x')", "large objects: 1 rows on both sides, contents differ")]
    [InlineData("SELECT lo_from_bytea(0, 'x')", "large objects: not expected, 1 rows found")]
    public async Task What_differs_is_named(string change, string expected)
    {
        // Written at its beginning and 30 MB behind it: more than is read at once, and nothing in between.
        const string Large = "SELECT lo_from_bytea(4711, 'x'); SELECT lo_put(4711, 30000000, 'z')";
        await using var shop = await cluster.CreateAsync(change.Contains("4711", StringComparison.Ordinal) ? Shop + Large : Shop);
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync(change);

        BackupComparison.Compare("shop", before, await backups.FingerprintAsync(default)).Detail.ShouldBe(expected);
    }

    [Theory]
    [InlineData("VACUUM FULL orders")]
    [InlineData("UPDATE orders SET price = price; ANALYZE")]
    [InlineData("ALTER DATABASE current_database SET DateStyle = 'German'")]
    [InlineData("CREATE TEMP TABLE scratch (x int)")]
    public async Task What_changes_nothing_changes_no_fingerprint(string change)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync(change.Replace("current_database", shop.Name, StringComparison.Ordinal));

        BackupComparison.Compare("shop", before, await backups.FingerprintAsync(default)).Detail.ShouldBe("1 tables, 3 rows are the same");
    }

    [Fact]
    public async Task Tables_are_told_by_the_columns_a_backup_had()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync("ALTER TABLE orders ADD note text DEFAULT 'none'");

        var now = await backups.FingerprintAsync(before, default);

        now.Tables.ShouldHaveSingleItem().Hash.ShouldBe(before.Tables[0].Hash);
        now.Tables[0].Columns.ShouldBe(["id", "status", "price"]);
    }

    [Fact]
    public async Task A_large_object_that_is_too_large_for_one_value_is_read_in_pieces()
    {
        // 600 MB, of which almost nothing is written; its digits would not fit into one value.
        await using var shop = await cluster.CreateAsync("SELECT lo_from_bytea(4712, 'x'); SELECT lo_put(4712, 600000000, 'z')");
        var backups = shop.Open().Backups;

        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync("SELECT lo_put(4712, 599999999, 'y')");

        before.Tables.ShouldHaveSingleItem().Rows.ShouldBe(1);
        BackupComparison.Compare("shop", before, await backups.FingerprintAsync(default)).Detail.ShouldBe("large objects: 1 rows on both sides, contents differ");
    }
}
