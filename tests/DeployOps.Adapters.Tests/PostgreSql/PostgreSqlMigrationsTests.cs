using System.Diagnostics;
using DeployOps.Adapters.PostgreSql;
using DeployOps.Migrations;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

public sealed class PostgreSqlMigrationsTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id serial PRIMARY KEY, total numeric)";

    [Fact]
    public async Task A_script_and_its_history_row_are_there_together()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = PostgreSqlShop.Script("2_4_0_1__add_orders_status", "ALTER TABLE orders ADD status text;\nINSERT INTO orders (status) VALUES ('open; paid');");
        var migrations = shop.Open().Migrations;

        await migrations.ApplyAsync(script, "kim in shop-2.4.0-1", default);

        var row = (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem();
        row.Version.ToString().ShouldBe("2.4.0.1");
        row.Description.ShouldBe("add orders status");
        row.Checksum.ShouldBe(script.Checksum);
        row.AppliedBy.ShouldBe("kim in shop-2.4.0-1");
        row.AppliedAt.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await shop.ScalarAsync("SELECT status FROM orders")).ShouldBe("open; paid");
        (await shop.ScalarAsync("SELECT statements FROM deployops.migration")).ShouldBe(2);
    }

    [Fact]
    public async Task Reading_the_history_of_a_new_database_answers_nothing_and_makes_nothing()
    {
        await using var shop = await cluster.CreateAsync();

        (await shop.Open().Migrations.ReadHistoryAsync(default)).ShouldBeEmpty();

        (await shop.HasAsync("deployops.migration")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_failing_statement_is_told_with_its_line_and_nothing_of_the_script_is_left()
    {
        await using var shop = await cluster.CreateAsync();
        var script = PostgreSqlShop.Script("1__broken", "CREATE TABLE a (x int);\n\n-- the next one\n-- fails\nINSERT INTO a\n  VALUES (nothing);\nCREATE TABLE b (x int);");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(script, "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("V1__broken.sql:6: column \"nothing\" does not exist (42703). Nothing of the script is left.");
        (await shop.HasAsync("a")).ShouldBeFalse();
        (await shop.HasAsync("deployops.migration")).ShouldBeFalse();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(251)]
    [InlineData(498)]
    public async Task The_failing_one_of_many_small_statements_is_found(int bad)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var lines = Enumerable.Range(1, 500).Select(line => line == bad ? "INSERT INTO orders (total) VALUES ('much');" : $"INSERT INTO orders (total) VALUES ({line});");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__many", string.Join('\n', lines)), "kim", default));

        error.Message.ShouldContain($"V1__many.sql:{bad}: a value cannot be read as its type (22P02)");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(0L);
    }

    [Fact]
    public async Task What_fails_only_at_the_commit_fails_the_script()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE lines (id int REFERENCES orders DEFERRABLE INITIALLY DEFERRED)");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__orphan", "INSERT INTO lines VALUES (7)"), "kim", default));

        error.Message.ShouldContain("V1__orphan.sql: insert or update on table \"lines\" violates foreign key constraint");
        (await shop.ScalarAsync("SELECT count(*) FROM lines")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_row_that_cannot_be_copied_is_told_with_its_line()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__copy", "COPY orders (id, total) FROM stdin;\n1\t2.5\n2\tmuch\n\\.\nSELECT 1;"), "kim", default));

        error.Message.ShouldContain("V1__copy.sql:3: a value cannot be read as its type (22P02)");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(0L);
    }

    [Theory]
    [InlineData("INSERT INTO orders (total) VALUES ('4111-1111')", "a value cannot be read as its type (22P02)")]
    [InlineData("SELECT '4111-1111'::date", "a value cannot be read as a date or time (22007)")]
    [InlineData("SELECT make_date(4111, 13, 1)", "a date or time is out of range (22008)")]
    [InlineData("SELECT '41111111111'::int", "a number is out of range for its type (22003)")]
    [InlineData("SET statement_timeout = '4111x'", "a value is not one that is allowed there (22023)")]
    [InlineData("INSERT INTO orders (total) VALUES 4111", "syntax error at or near a value (42601)")]
    [InlineData("CREATE ROLE app LOGIN '4111'", "syntax error at or near a value (42601)")]
    [InlineData("SELEC '4111'", "syntax error at or near \"SELEC\" (42601)")]
    public async Task No_value_of_a_row_or_of_the_script_is_in_what_is_told_of_it(string sql, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__value", $"-- deployops: transaction=none\n{sql};"), "kim", default));

        error.Message.ShouldContain($"V1__value.sql:2: {words}");
        error.ToString().ShouldNotContain("4111");
        (await shop.ScalarAsync("SELECT count(*) FROM deployops.statement WHERE message LIKE '%4111%' OR message NOT LIKE '%(%)%'")).ShouldBe(0L);
    }

    [Fact]
    public async Task Only_the_process_that_was_opened_is_ended()
    {
        await using var shop = await cluster.CreateAsync();
        await using var runner = await shop.ConnectAsync();
        await using var other = await shop.ConnectAsync();
        var known = (await PostgreSqlRunnerProcess.FindAsync(other, runner.ProcessID, default)).ShouldNotBeNull();

        (await (known with { ServerStarted = known.ServerStarted.AddSeconds(-1) }).EndAsync(other, "pg_terminate_backend")).ShouldBeFalse();
        (await (known with { Started = known.Started!.Value.AddMilliseconds(-1) }).EndAsync(other, "pg_terminate_backend")).ShouldBeFalse();
        (await (known with { Number = int.MaxValue }).EndAsync(other, "pg_terminate_backend")).ShouldBeFalse();
        (await (known with { Started = null }).NumberOnAsync(other)).ShouldBe(PostgreSqlRunnerProcess.None);
        (await new NpgsqlCommand("SELECT 1", runner).ExecuteScalarAsync()).ShouldBe(1);

        (await known.NumberOnAsync(other)).ShouldBe(runner.ProcessID);
        (await known.EndAsync(other, "pg_terminate_backend")).ShouldBeTrue();
        await Should.ThrowAsync<NpgsqlException>(new NpgsqlCommand("SELECT 1", runner).ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("SELECT pg_advisory_unlock_all();")]
    [InlineData("VACUUM orders;\nSELECT pg_catalog.PG_ADVISORY_UNLOCK_ALL();")]
    [InlineData("DO $$ BEGIN PERFORM pg_advisory_unlock_all(); END $$;")]
    public async Task What_would_let_another_runner_in_is_refused(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(() => shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__it", sql), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptUnsupported");
        error.Message.ShouldContain("pg_advisory_unlock_all() would let another runner of migrations in");
    }

    [Fact]
    public async Task What_was_planned_by_a_history_that_another_run_went_on_with_is_refused()
    {
        await using var shop = await cluster.CreateAsync();
        var (mine, theirs) = (shop.Open().Migrations, shop.Open().Migrations);
        await mine.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);
        await mine.ReadHistoryAsync(default);
        await mine.ApplyAsync(PostgreSqlShop.Script("2__b", "CREATE TABLE b (x int)"), "kim", default);
        await mine.ApplyAsync(PostgreSqlShop.Script("3__c", "VACUUM a"), "kim", default);
        await theirs.ApplyAsync(PostgreSqlShop.Script("5__e", "CREATE TABLE e (x int)"), "sam", default);

        var error = await Should.ThrowAsync<DeployOpsException>(mine.ApplyAsync(PostgreSqlShop.Script("4__d", "CREATE TABLE d (x int)"), "kim", default));
        var outside = await Should.ThrowAsync<DeployOpsException>(mine.ApplyAsync(PostgreSqlShop.Script("4__d", "VACUUM a"), "kim", default));
        (await mine.ReadHistoryAsync(default)).Count.ShouldBe(4);
        await mine.ApplyAsync(PostgreSqlShop.Script("6__f", "CREATE TABLE f (x int)"), "kim", default);

        (error.ErrorId, outside.ErrorId).ShouldBe(("MigrationHistoryChanged", "MigrationHistoryChanged"));
        error.Message.ShouldStartWith("V4__d.sql: since this run was planned, another one has begun or applied a script. Nothing of V4__d.sql was begun.");
        (await shop.HasAsync("d")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_version_is_applied_once_and_undone_once()
    {
        await using var shop = await cluster.CreateAsync();
        var migrations = shop.Open().Migrations;
        var script = PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)");
        var undo = PostgreSqlShop.Undo("1__a", "DROP TABLE a");
        await migrations.ApplyAsync(script, "kim", default);

        (await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default))).ErrorId.ShouldBe("MigrationAlreadyApplied");
        await migrations.RevertAsync(undo, default);
        (await Should.ThrowAsync<DeployOpsException>(migrations.RevertAsync(undo, default))).ErrorId.ShouldBe("MigrationNotApplied");

        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
        (await shop.HasAsync("a")).ShouldBeFalse();
        await migrations.ApplyAsync(script, "kim", default);
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_script_that_takes_another_role_is_recorded_all_the_same()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"CREATE ROLE {role}; CREATE TABLE a (x int)");
        var migrations = shop.Open().Migrations;

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__role", $"GRANT ALL ON a TO {role}; SET ROLE {role}; SET search_path = nowhere; INSERT INTO public.a VALUES (1)"), "kim", default);

        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task An_idle_reader_is_waited_for_in_short_tries_and_then_the_script_succeeds()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.ConnectAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await new NpgsqlCommand("SELECT count(*) FROM orders", reader).ExecuteScalarAsync();
        var applying = shop.Open(pace: PostgreSqlShop.Quick with { Tries = 100 }).Migrations.ApplyAsync(PostgreSqlShop.Script("1__status", "CREATE TABLE before (x int); ALTER TABLE orders ADD status text"), "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");
        var longest = await LongestQueryAsync(shop, TimeSpan.FromSeconds(1));

        await transaction.RollbackAsync();
        await applying;

        longest.ShouldBeLessThan(PostgreSqlShop.Quick.LockTimeout + TimeSpan.FromSeconds(2));
        (await shop.ScalarAsync("SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'status'")).ShouldBe(1L);
        (await shop.HasAsync("before")).ShouldBeTrue();
    }

    [Fact]
    public async Task An_idle_reader_that_stays_is_named_and_nothing_is_left()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.ConnectAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await new NpgsqlCommand("SELECT count(*) FROM orders", reader).ExecuteScalarAsync();
        var pace = PostgreSqlShop.Quick with { Tries = 2, LockTimeout = TimeSpan.FromSeconds(1.5) };

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open(pace: pace).Migrations.ApplyAsync(PostgreSqlShop.Script("1__status", "CREATE TABLE before (x int);\nALTER TABLE orders ADD status text"), "kim", default));

        error.ErrorId.ShouldBe("MigrationLockTimeout");
        error.Message.ShouldContain($"V1__status.sql:2: canceling statement due to lock timeout (55P03), 2 tries. Blocked by process {reader.ProcessID} (test) of postgres, idle in transaction, in a transaction for");
        (await shop.HasAsync("before")).ShouldBeFalse();
        await shop.UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");
    }

    [Fact]
    public async Task Cancelling_stops_the_statement_on_the_server_and_leaves_nothing()
    {
        await using var shop = await cluster.CreateAsync();
        using var stop = new CancellationTokenSource();
        var migrations = shop.Open().Migrations;
        var applying = migrations.ApplyAsync(PostgreSqlShop.Script("1__slow", "CREATE TABLE a (x int); SELECT pg_sleep(60)"), "kim", stop.Token);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)' AND state = 'active' AND pid <> pg_backend_pid())");
        var watch = Stopwatch.StartNew();

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(applying);

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        (await shop.HasAsync("a")).ShouldBeFalse();
        (await shop.ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'deployops/%' AND datname = current_database() AND state = 'active'")).ShouldBe(0L);
    }

    [Fact]
    public async Task A_script_that_takes_too_long_is_stopped()
    {
        await using var shop = await cluster.CreateAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open(scriptTimeout: TimeSpan.FromSeconds(1)).Migrations.ApplyAsync(PostgreSqlShop.Script("1__slow", "CREATE TABLE a (x int); SELECT pg_sleep(60)"), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptTimeout");
        (await shop.HasAsync("a")).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_two_runners_at_once_one_applies_and_the_other_is_told_who()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = PostgreSqlShop.Script("1__slow", "INSERT INTO orders (total) VALUES (1); SELECT pg_sleep(8)");
        var first = shop.Open().Migrations.ApplyAsync(script, "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(script, "sam", default));
        await first;

        error.ErrorId.ShouldBe("MigrationBusy");
        error.Message.ShouldMatch(@"Another runner migrates shop_\d+: process \d+ \(deployops/V1__slow\.sql\) of postgres from 127\.0\.0\.1(/32)? since \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\.");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_connection_that_is_ended_by_the_server_leaves_nothing_and_no_lock()
    {
        await using var shop = await cluster.CreateAsync();
        var migrations = shop.Open().Migrations;
        var applying = migrations.ApplyAsync(PostgreSqlShop.Script("1__slow", "CREATE TABLE a (x int);\nSELECT pg_sleep(60)"), "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)' AND state = 'active' AND pid <> pg_backend_pid())");

        await shop.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'deployops/V1__slow.sql'");
        var error = await Should.ThrowAsync<DeployOpsException>(applying);

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("V1__slow.sql:2: the connection was lost: terminating connection due to administrator command (57P01). Nothing of the script is left.");
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__slow", "CREATE TABLE a (x int)"), "kim", default);
    }

    [Fact]
    public async Task An_invalid_index_of_the_name_is_no_success_of_if_not_exists()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; INSERT INTO orders (total) VALUES (1), (1)");
        await Should.ThrowAsync<PostgresException>(shop.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY orders_total ON orders (total)"));

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__index", "CREATE INDEX IF NOT EXISTS orders_total ON orders (total)"), "kim", default));

        error.ErrorId.ShouldBe("MigrationIndexInvalid");
        (await shop.Open().Migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    private static async Task<TimeSpan> LongestQueryAsync(PostgreSqlShop shop, TimeSpan time)
    {
        await using var connection = await shop.ConnectAsync();
        var longest = TimeSpan.Zero;
        for (var all = Stopwatch.StartNew(); all.Elapsed < time; await Task.Delay(50))
        {
            var watch = Stopwatch.StartNew();
            await new NpgsqlCommand("SELECT count(*) FROM orders", connection).ExecuteScalarAsync();
            longest = watch.Elapsed > longest ? watch.Elapsed : longest;
        }

        return longest;
    }
}
