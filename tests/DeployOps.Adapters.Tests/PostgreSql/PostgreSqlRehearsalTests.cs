using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlRehearsalTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL); INSERT INTO orders SELECT i, i FROM generate_series(1, 1000) i; CREATE TABLE others (id int PRIMARY KEY);";

    [Fact]
    public async Task Each_statement_on_the_copy_tells_what_it_locks_rewrites_and_logs()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var traces = await TryAsync(shop, "V1__total.sql", """
            UPDATE orders SET total = total + 1 WHERE id <= 10;
            -- wider
            ALTER TABLE orders ALTER COLUMN total TYPE bigint;
            CREATE TABLE notes (id int PRIMARY KEY, note text);
            ALTER TABLE notes ADD CONSTRAINT of_order FOREIGN KEY (id) REFERENCES orders;
            SELECT count(*) FROM others;
            """);

        traces.Select(trace => (trace.Number, trace.Line, trace.Text, trace.Rows)).ShouldBe([
            (1, 1, "UPDATE orders SET total = total + … WHERE id <= …", 10),
            (2, 3, "ALTER TABLE orders ALTER COLUMN total TYPE bigint", null),
            (3, 4, "CREATE TABLE notes (id int PRIMARY KEY, note text)", null),
            (4, 5, "ALTER TABLE notes ADD CONSTRAINT of_order FOREIGN KEY (id) REFERENCES orders", null),
            (5, 6, "SELECT count(*) FROM others", null)]);
        traces[0].Locks.ShouldBe(["orders RowExclusiveLock"]);
        traces[0].Rewritten.ShouldBeEmpty();
        traces[1].Locks.ShouldBe(["orders AccessExclusiveLock"]);
        traces[1].Rewritten.ShouldBe(["orders", "orders_pkey"]);
        traces[1].WalBytes.ShouldNotBeNull().ShouldBeGreaterThan(30_000, "a thousand rows were written anew");
        traces[2].Locks.ShouldBeEmpty();
        traces[3].Locks.ShouldBeEmpty("it has the strongest lock since its second statement");
        traces[4].Locks.ShouldBe(["others AccessShareLock"]);
        (await shop.ScalarAsync("SELECT data_type FROM information_schema.columns WHERE column_name = 'total'")).ShouldBe("integer", "the live database is left alone");
        (await shop.ScalarAsync("SELECT to_regclass('notes') IS NULL")).ShouldBe(true);
    }

    [Fact]
    public async Task Of_what_runs_outside_of_a_transaction_time_rows_and_files_are_told()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var traces = await TryAsync(shop, "V1__indexed.sql", "CREATE INDEX CONCURRENTLY by_total ON orders (total); VACUUM FULL orders; DELETE FROM orders WHERE id = 1;", "-- deployops: transaction=none\n");

        traces.Select(trace => trace.Text).ShouldBe(["CREATE INDEX CONCURRENTLY by_total ON orders (total)", "VACUUM FULL orders", "DELETE FROM orders WHERE id = …"]);
        traces[0].Locks.ShouldBeEmpty();
        traces[1].Rewritten.ShouldBe(["by_total", "orders", "orders_pkey"]);
        traces[2].Locks.ShouldBe(["orders RowExclusiveLock"]);
        traces[2].Rows.ShouldBe(1);
    }

    [Fact]
    public async Task A_backfill_is_told_of_once_with_its_rounds_together()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var traces = await TryAsync(shop, "V1__fill.sql", """
            -- deployops: repeat-until-zero chunk=100
            UPDATE orders SET total = 5000 WHERE id IN (SELECT id FROM orders WHERE total < 5000 ORDER BY id LIMIT 100);
            DELETE FROM others;
            """, "-- deployops: transaction=none\n");

        traces.Select(trace => (trace.Number, trace.Line, trace.Rounds, trace.Rows)).ShouldBe([(1, 3, 11, 1000), (2, 4, 0, 0)]);
        traces[0].Locks.ShouldBe(["orders RowExclusiveLock"]);
        traces[0].WalBytes.ShouldNotBeNull().ShouldBeGreaterThan(50_000, "a thousand rows were changed");
        traces[0].ToString().ShouldMatch(@"^statement 1 \(line 3\) UPDATE orders .*, 11 rounds, 1000 rows, orders RowExclusiveLock, [0-9.]+ [KM]iB logged ahead$");
    }

    [Fact]
    public async Task Behind_two_hundred_statements_nothing_is_traced_any_more()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var traces = await TryAsync(shop, "V1__many.sql", string.Concat(Enumerable.Range(2000, 500).Select(number => $"INSERT INTO orders VALUES ({number}, 1);\n")));

        traces.Count.ShouldBe(200);
        traces[^1].Number.ShouldBe(200);
    }

    [Fact]
    public async Task The_copy_has_the_settings_and_the_statistics_that_the_live_database_has()
    {
        await using var shop = await cluster.CreateAsync("CREATE SCHEMA sales; CREATE TABLE sales.orders AS SELECT i AS id FROM generate_series(1, 5000) i");
        await shop.ExecuteAsync($"ALTER DATABASE \"{shop.Name}\" SET search_path = sales, public");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        await backups.BackupAsync(file, default);
        (string? Rows, string? Guess) seen = default;

        await backups.ReadBackAsync(
            file,
            async (copy, _) => seen = (
                (await copy.Validations.QueryAsync("SELECT count(*) FROM orders", 1, text => text, default)).Scalar,
                (await copy.Validations.QueryAsync("SELECT reltuples::int FROM pg_class WHERE relname = 'orders'", 1, text => text, default)).Scalar),
            default);

        seen.ShouldBe(("5000", "5000"));
    }

    [Fact]
    public async Task A_database_with_a_foreign_server_leads_out_of_its_copy_too()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        (await shop.Open().Migrations.FindOutsideAsync(default)).ShouldBeNull();
        await shop.ExecuteAsync("CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER other FOREIGN DATA WRAPPER nothing");

        (await shop.Open().Migrations.FindOutsideAsync(default)).ShouldBe("the foreign server other");
    }

    [Fact]
    public async Task On_the_live_database_no_statement_is_traced()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var traces = new Traces();

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__total", "UPDATE orders SET total = 0; ALTER TABLE orders ALTER COLUMN total TYPE bigint;"), "kim", traces, default);

        traces.Seen.ShouldBeEmpty();
    }

    private static async Task<List<StatementTrace>> TryAsync(PostgreSqlShop shop, string name, string sql, string header = "")
    {
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.db");
        await backups.BackupAsync(file, default);
        var traces = new Traces();
        await backups.ReadBackAsync(file, (copy, _) => copy.Migrations.ApplyAsync(PostgreSqlShop.Script(name[1..^4], header + sql), "rehearsal", traces, default), default);
        return traces.Seen;
    }

    private sealed class Traces : IMigrationObserver
    {
        public List<StatementTrace> Seen { get; } = [];

        public void Progress(MigrationProgress progress)
        {
        }

        public void Ended(MigrationEvidence evidence)
        {
        }

        public void Did(StatementTrace statement) => Seen.Add(statement);
    }
}
