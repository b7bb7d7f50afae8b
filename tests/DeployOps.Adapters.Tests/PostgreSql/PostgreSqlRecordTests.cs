using System.Diagnostics;
using DeployOps.Adapters.PostgreSql;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlRecordTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL); INSERT INTO orders SELECT i, i FROM generate_series(1, 100) i; CREATE TABLE others (id int PRIMARY KEY);";

    private const string Wider = """
        UPDATE orders SET total = total + 1 WHERE id <= 10;
        ALTER TABLE orders ALTER COLUMN total TYPE bigint;
        CREATE TABLE notes (id int PRIMARY KEY);
        ALTER TABLE notes ADD CONSTRAINT of_order FOREIGN KEY (id) REFERENCES orders;
        """;

    // Does more where there are more rows, as what looks at the data may.
    private const string ByRows = """
        UPDATE orders SET total = 0;
        DO $$ BEGIN IF (SELECT count(*) FROM orders) > 100 THEN LOCK TABLE others IN SHARE ROW EXCLUSIVE MODE; ALTER TABLE others ALTER id TYPE bigint; END IF; END $$;
        """;

    [Fact]
    public async Task What_a_script_does_to_the_live_database_is_what_it_did_to_the_copy()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = PostgreSqlShop.Script("1__wider", Wider);
        var rehearsed = await RehearseAsync(shop, script);
        var live = new Record();

        await shop.Open().Migrations.ApplyAsync(script, "kim", live, default);

        live.Statements.Select(statement => (statement.Number, statement.Line, statement.Rows)).ShouldBe([(1, 1, 10), (2, 2, null), (3, 3, null), (4, 4, null)]);
        live.Statements[0].Locks.ShouldBe(["orders RowExclusiveLock"]);
        live.Statements[1].Locks.ShouldContain("orders AccessExclusiveLock");
        live.Statements[1].WalBytes.ShouldNotBeNull().ShouldBeGreaterThan(1_000);
        live.Rewritten.ShouldBe(["orders", "orders_pkey"]);
        Differences(rehearsed, live).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lock_and_a_rewrite_that_the_rehearsal_had_not_are_warned_of_and_rows_are_told()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = PostgreSqlShop.Script("1__rows", ByRows);
        var rehearsed = await RehearseAsync(shop, script);
        await shop.ExecuteAsync("INSERT INTO orders SELECT i, i FROM generate_series(101, 110) i");
        var live = new Record();

        await shop.Open().Migrations.ApplyAsync(script, "kim", live, default);

        Differences(rehearsed, live).Select(difference => (difference.IsWarning, difference.Text)).ShouldBe([
            (false, "statement 1 (line 1) UPDATE orders SET total = … touched 110 rows, in the rehearsal 100"),
            (true, $"statement 2 (line 2) {StatementTrace.Head(SqlStatements.Read(ByRows, SqlDialect.PostgreSql).ElementAt(1))} took others AccessExclusiveLock, in the rehearsal no lock on it"),
            (true, "written anew and not so in the rehearsal: others")]);
    }

    [Fact]
    public async Task Outside_of_a_transaction_rows_rounds_and_files_are_told_and_locks_are_not_compared()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = PostgreSqlShop.Script("1__outside", """
            -- deployops: transaction=none
            VACUUM FULL orders;
            -- deployops: repeat-until-zero chunk=30
            UPDATE orders SET total = 500 WHERE id IN (SELECT id FROM orders WHERE total < 500 LIMIT 30);
            DELETE FROM orders WHERE id = 1;
            """);
        var rehearsed = await RehearseAsync(shop, script);
        var live = new Record();

        await shop.Open().Migrations.ApplyAsync(script, "kim", live, default);

        live.Statements.Select(statement => (statement.Number, statement.Rounds, statement.Rows, statement.IsOutside)).ShouldBe([(1, 0, null, true), (2, 5, 100, false), (3, 0, 1, false)]);
        live.Statements[1].Locks.ShouldBe(["orders RowExclusiveLock"]);
        live.Rewritten.ShouldBe(["orders", "orders_pkey"]);
        Differences(rehearsed, live).ShouldBeEmpty();
    }

    // The log is the whole server's: after a checkpoint, or beside another test, there is more of it.
    private static IEnumerable<ProductionDifference> Differences(ScriptRehearsal rehearsed, Record live) =>
        ProductionComparison.Of(rehearsed, live.Statements, live.Rewritten).Where(difference => !difference.Text.Contains("logged ahead", StringComparison.Ordinal));

    [Fact]
    public async Task A_script_that_is_tried_again_is_told_of_as_it_ended()
    {
        // Where looks take too long, on a busy machine, the script goes on without them: then once more.
        IReadOnlyList<string> locks = [];
        for (var time = 0; time < 5 && locks.Count == 0; time++)
        {
            var live = await TriedAgainAsync();
            live.Statements.Count.ShouldBeGreaterThan(2, "the first was told of at each try");
            // What is sampled at the moment of a look makes it be seen by the next one.
            locks = [.. live.Statements.TakeLast(2).SelectMany(statement => statement.Locks)];
        }

        locks.ShouldBe(["orders RowExclusiveLock", "others AccessExclusiveLock"]);
    }

    private async Task<Record> TriedAgainAsync()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var holder = await shop.ConnectAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await new Npgsql.NpgsqlCommand("LOCK TABLE others IN ACCESS SHARE MODE", holder).ExecuteNonQueryAsync();
        var live = new Record();

        var applying = shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__again", "UPDATE orders SET total = 1 WHERE id < 3;\nALTER TABLE others ADD note text;"), "kim", live, default);
        await Task.Delay(TimeSpan.FromMilliseconds(600));
        await transaction.RollbackAsync();
        await applying;
        return live;
    }

    [Fact]
    public async Task Nothing_is_recorded_that_nobody_compares()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var live = new Record { Compares = false };

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__wider", Wider), "kim", live, default);

        live.Statements.ShouldBeEmpty();
        live.Rewritten.ShouldBeNull();
    }

    [Fact]
    public async Task To_be_recorded_costs_a_statement_about_a_millisecond_at_most()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var database = shop.Open();
        var taken = new List<(double With, double Without)>();
        for (var round = 0; round < 5; round++)
        {
            taken.Add((await RunAsync(database, 2 * round, compares: true), await RunAsync(database, (2 * round) + 1, compares: false)));
        }

        var each = taken.Select(pair => (pair.With - pair.Without) / 200).Order().ElementAt(2);

        TestContext.Current.SendDiagnosticMessage("recorded, a statement costs {0:0.000} ms more: {1}", each, string.Join(", ", taken.Select(pair => FormattableString.Invariant($"{pair.With:0} and {pair.Without:0}"))));
        // What looks may cost is bounded; what a busy machine adds is not.
        each.ShouldBeLessThan(3);
    }

    // Two hundred definitions, none of which is sent together with others, recorded or not.
    private static async Task<double> RunAsync(PostgreSqlDatabase database, int number, bool compares)
    {
        var script = PostgreSqlShop.Script($"{number + 1}__many", string.Concat(Enumerable.Range(0, 200).Select(at => $"ALTER TABLE orders ALTER total SET DEFAULT {at};\n")));
        var watch = Stopwatch.StartNew();
        await database.Migrations.ApplyAsync(script, "kim", new Record { Compares = compares }, default);
        return watch.Elapsed.TotalMilliseconds;
    }

    private static async Task<ScriptRehearsal> RehearseAsync(PostgreSqlShop shop, MigrationScript script)
    {
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.dump");
        await backups.BackupAsync(file, default);
        var copied = new Record();
        await backups.ReadBackAsync(file, (copy, _) => copy.Migrations.ApplyAsync(script, "rehearsal", copied, default), default);
        return new ScriptRehearsal { Script = script.FileName, Version = script.Version.ToString(), Checksum = script.Checksum, Duration = TimeSpan.FromSeconds(1), Statements = copied.Statements };
    }

    private sealed class Record : IMigrationObserver
    {
        public bool Compares { get; init; } = true;

        public List<StatementTrace> Statements { get; } = [];

        public IReadOnlyList<string>? Rewritten { get; private set; }

        public void Progress(MigrationProgress progress)
        {
        }

        public void Ended(MigrationEvidence evidence)
        {
        }

        public void Did(StatementTrace statement) => Statements.Add(statement);

        public void Rewrote(IReadOnlyList<string> names) => Rewritten = names;
    }
}
