using DeployOps.Adapters.Tests.Support;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>A process that migrates is killed with SIGKILL at a border between statements, and another one runs again: what is there then is what an uninterrupted run leaves.</summary>
public sealed class PostgreSqlKillTests(PostgreSqlCluster cluster)
{
    private const string Shop = """
        CREATE TABLE orders (id int, note text); INSERT INTO orders SELECT i, 'n' FROM generate_series(1, 100) i; CREATE TABLE steps (n int);
        CREATE TABLE pauses (at int);
        CREATE FUNCTION pause(place int) RETURNS void LANGUAGE plpgsql AS $$ BEGIN IF EXISTS (SELECT FROM pauses WHERE at = place) THEN PERFORM pg_sleep(60); END IF; END $$;
        """;

    private const string Transactional = """
        SELECT pause(1);
        ALTER TABLE orders ADD status text;
        SELECT pause(2);
        INSERT INTO steps VALUES (1);
        SELECT pause(3);
        COPY steps FROM stdin;
        2
        \.
        SELECT pause(4);
        UPDATE orders SET status = 'open';
        SELECT pause(5);
        CREATE INDEX orders_status ON orders (status);
        SELECT pause(6);
        """;

    private const string NonTransactional = """
        -- deployops: transaction=none
        SET application_name = 'killed';
        INSERT INTO steps VALUES (1);
        BEGIN;
        INSERT INTO steps VALUES (2);
        SAVEPOINT s;
        INSERT INTO steps VALUES (0);
        ROLLBACK TO s;
        COMMIT;
        CREATE INDEX CONCURRENTLY orders_note ON orders (note);
        COPY steps FROM stdin;
        3
        \.
        DROP INDEX CONCURRENTLY orders_note;
        VACUUM orders;
        ALTER TABLE orders ADD status text;
        UPDATE orders SET status = 'open';
        """;

    private const int Statements = 14;
    private const int AtCommit = 7;

    public static TheoryData<int> InTransaction => MigratorProcess.IsFull ? [.. Enumerable.Range(1, AtCommit)] : [3, AtCommit];

    public static TheoryData<int, bool> OutsideOfOne => MigratorProcess.Borders(Statements, (4, false), (8, true), (9, true), (10, false));

    [Theory]
    [MemberData(nameof(InTransaction))]
    public async Task A_script_in_one_transaction_is_there_whole_or_not_at_all(int place)
    {
        await using var shop = await BeginAsync(Transactional);
        await shop.ExecuteAsync($"INSERT INTO pauses VALUES ({place})");
        await shop.ExecuteAsync($"""
            CREATE FUNCTION pause_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pause({AtCommit}); RETURN NEW; END $$;
            CREATE CONSTRAINT TRIGGER pause AFTER UPDATE ON deployops.migration DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pause_at_commit()
            """);

        await KillAsync(shop);

        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(0L);
        (await shop.ScalarAsync("SELECT count(*) FROM deployops.migration WHERE version = '1'")).ShouldBe(0L);
        await AgainAsync(shop);
        await IsWholeAsync(shop, "1,2", "orders_status");
    }

    [Theory]
    [MemberData(nameof(OutsideOfOne))]
    public async Task A_script_outside_of_a_transaction_goes_on_and_does_nothing_twice(int number, bool before)
    {
        await using var shop = await BeginAsync(NonTransactional);
        await shop.ExecuteAsync($"INSERT INTO pauses VALUES ({number})");
        await shop.ExecuteAsync("CREATE FUNCTION pause_at_record() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pause(NEW.number); RETURN NEW; END $$");
        await shop.ExecuteAsync(before
            ? "CREATE TRIGGER pause BEFORE INSERT OR UPDATE ON deployops.statement FOR EACH ROW EXECUTE FUNCTION pause_at_record()"
            : "CREATE CONSTRAINT TRIGGER pause AFTER INSERT OR UPDATE ON deployops.statement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pause_at_record()");

        await KillAsync(shop);

        (await shop.ScalarAsync("SELECT count(*) FROM deployops.migration WHERE version = '1' AND state = 'done'")).ShouldBe(0L);
        await AgainAsync(shop);
        await IsWholeAsync(shop, "1,2,3", null);
        (await shop.ScalarAsync("SELECT count(*) FROM deployops.statement WHERE state = 'done'")).ShouldBe((long)Statements);
    }

    [Fact]
    public async Task A_process_that_is_killed_behind_the_commit_has_applied_it()
    {
        await using var shop = await BeginAsync(Transactional);
        await AgainAsync(shop);

        await AgainAsync(shop);
        await IsWholeAsync(shop, "1,2", "orders_status");
    }

    private async Task<PostgreSqlShop> BeginAsync(string script)
    {
        var shop = await cluster.CreateAsync(Shop);
        await File.WriteAllTextAsync(shop.PathOf("V1__it.sql"), script);
        await File.WriteAllTextAsync(shop.PathOf("V0__history.sql"), "SELECT 1;");
        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("0__history", "SELECT 1;"), "kim", default);
        return shop;
    }

    private static async Task KillAsync(PostgreSqlShop shop)
    {
        using var child = MigratorProcess.Start("PostgreSql", shop.Folder, shop.ConnectionString);
        await child.KillWhenAsync(shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')"));

        // The server notices within a second that its client is gone.
        await shop.UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE ANY (ARRAY['deployops/V1%', 'killed']))");
        await shop.ExecuteAsync("DELETE FROM pauses");
    }

    private static Task AgainAsync(PostgreSqlShop shop) => MigratorProcess.ApplyAsync("PostgreSql", shop.Folder, shop.ConnectionString);

    private static async Task IsWholeAsync(PostgreSqlShop shop, string steps, string? index)
    {
        (await shop.ScalarAsync("SELECT string_agg(n::text, ',' ORDER BY n) FROM steps")).ShouldBe(steps);
        (await shop.ScalarAsync("SELECT count(*) FROM orders WHERE status = 'open'")).ShouldBe(100L);
        (await shop.ScalarAsync("SELECT coalesce(string_agg(indexrelid::regclass::text, ','), '') FROM pg_index WHERE indrelid = 'orders'::regclass")).ShouldBe(index ?? "");
        (await shop.ScalarAsync("SELECT count(*) FROM deployops.migration WHERE version = '1' AND state = 'done'")).ShouldBe(1L);
    }
}
