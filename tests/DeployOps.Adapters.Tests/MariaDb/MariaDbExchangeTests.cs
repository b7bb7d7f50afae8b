using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using MySqlConnector;
using static DeployOps.Adapters.Tests.MariaDb.MariaDbBackupBench;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A restored database takes the place of the live one, or does not, and what is told of it is what happened.</summary>
[Collection(OneAfterAnother)]
public sealed class MariaDbExchangeTests(MariaDbCluster cluster)
{
    [Fact]
    public async Task A_restore_replaces_everything_also_for_those_who_are_connected()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("DROP VIEW aa_paid; DELETE FROM parted; CREATE TABLE later (x int); CREATE VIEW late AS SELECT * FROM later; DROP TRIGGER then_shout; DROP PROCEDURE fill; CREATE PROCEDURE lately() SELECT 1; DROP EVENT never; UPDATE prices SET price = 12; SELECT SETVAL(numbers, 9000)");
        await using var user = await shop.HoldAsync("SELECT COUNT(*) FROM twins");

        await backups.RestoreAsync(file, taken, default);
        await backups.RestoreAsync(file, taken, default);

        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
        await Should.ThrowAsync<MySqlException>(new MySqlCommand("SELECT 1", user).ExecuteScalarAsync());
        await shop.ExecuteAsync("INSERT INTO twins VALUES (5); CALL fill(3)");
        (await shop.ScalarAsync("SELECT MAX(x) FROM twins")).ShouldBe("11");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM empty")).ShouldBe("3");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM aa_paid")).ShouldBe("10");
        (await Should.ThrowAsync<MySqlException>(shop.ExecuteAsync("INSERT INTO `order lines` (customer, total) VALUES (99, 1)"))).Message.ShouldContain("of_customer");
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task A_database_that_was_dropped_is_restored()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await cluster.ExecuteAsync($"DROP DATABASE {shop.Name}");

        await backups.RestoreAsync(file, taken, default);

        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Who_was_taken_over_while_the_copy_was_filled_or_triggers_were_dropped_exchanges_nothing(int look)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1); CREATE TRIGGER doubled BEFORE INSERT ON orders FOR EACH ROW SET NEW.x = 2 * NEW.x");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("INSERT INTO orders VALUES (2)");

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, Restores.TakenOverAt(look), default));

        error.ErrorId.ShouldBe("EpochStale");
        await shop.ExecuteAsync("INSERT INTO orders VALUES (4)");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(x ORDER BY x) FROM orders")).ShouldBe("1,4,8");
        (await ScratchAsync(shop)).ShouldBe("0");
        await backups.RestoreAsync(file, taken, Restores.TakenOverAt(3), default);
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(x ORDER BY x) FROM orders")).ShouldBe("1");
    }

    [Fact]
    public async Task What_was_written_after_it_was_counted_is_not_lost()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        var counted = await backups.FingerprintAsync(taken, default);
        await shop.ExecuteAsync("INSERT INTO orders VALUES (2)");

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, counted, default));

        error.ErrorId.ShouldBe("RestoreLosesMore");
        error.Message.ShouldMatch($@"{shop.Name}\.orders has 2 rows, 1 then\.( Connected to it: .*)? It is as it was before and serves\.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2");
        (await ScratchAsync(shop)).ShouldBe("0");
        await backups.RestoreAsync(file, taken, await backups.FingerprintAsync(taken, default), default);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("1");
    }

    [Fact]
    public async Task What_was_committed_at_the_last_moment_is_kept_with_all_that_was_replaced()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await using var writer = await HoldAsync(shop.Name, "orders");
        await new MySqlCommand($"INSERT INTO {shop.Name}.orders VALUES (7)", writer).ExecuteNonQueryAsync();

        var restoring = backups.RestoreAsync(file, taken, await backups.FingerprintAsync(taken, default), default);
        await cluster.UntilAsync("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'RENAME TABLE%'");
        await new MySqlCommand("COMMIT", writer).ExecuteNonQueryAsync();
        var error = await Should.ThrowAsync<DeployOpsException>(restoring);

        var kept = (await shop.ScalarAsync("SELECT MAX(SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops_replaced_%'"))!;
        error.ErrorId.ShouldBe("RestoreLosesMore");
        error.Message.ShouldMatch($@"{shop.Name}\.orders has 2 rows, 1 then\.( Connected to it: .*)? The restored backup is in its place\. All that it held is in the database {kept}, which no run of DeployOps drops");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(x) FROM orders"), await shop.ScalarAsync($"SELECT GROUP_CONCAT(x ORDER BY x) FROM {kept}.orders")).ShouldBe(("1", "1,7"));
        await backups.ReadBackAsync(file, default);
        (await shop.ScalarAsync($"SELECT COUNT(*) FROM {kept}.orders")).ShouldBe("2");
        await cluster.ExecuteAsync($"DROP DATABASE {kept}");
    }

    [Fact]
    public async Task Whoever_accepts_later_losses_too_is_told_of_them_and_nothing_is_kept()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        var counted = await backups.FingerprintAsync(taken, default);
        await using var user = await shop.ConnectAsync();
        await new MySqlCommand("INSERT INTO orders VALUES (2)", user).ExecuteNonQueryAsync();

        var told = await backups.RestoreAsync(file, taken, counted, default, alsoLater: true);

        told.ShouldMatch($@"^what was written while it was restored is lost too, as was accepted: {shop.Name}\.orders has 2 rows, 1 then\. Connected to it: deployer@127\.0\.0\.1\.$");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(x) FROM orders")).ShouldBe("1");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops_replaced_%'")).ShouldBe("0");
    }

    [Fact]
    public async Task It_is_told_what_a_restore_is_at()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var told = new List<string>();

        await backups.RestoreAsync(file, await backups.BackupAsync(file, default), new RestoreTerms { Progress = told.Add }, default);

        told.ShouldBe(["filling the copy", "comparing the copy", "exchanging"]);
    }

    [Fact]
    public async Task What_was_not_proven_is_not_put_in_the_live_databases_place()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("CREATE TABLE later (x int)");
        await using var user = await shop.ConnectAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken with { Schema = "another" }, default));

        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldContain("what was restored is not what was proven: the schema differs. It is as it was before.");
        (await shop.HasAsync("later")).ShouldBeTrue();
        Convert.ToInt32(await new MySqlCommand("SELECT 1", user).ExecuteScalarAsync(), null).ShouldBe(1);
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Theory]
    // Refused when the tables are exchanged already, and before.
    [InlineData("CREATE TABLE gone (x int); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone")]
    [InlineData("CREATE TABLE needless (x int, y int AS (x + 1) VIRTUAL)", true)]
    public async Task An_exchange_that_is_refused_is_taken_back(string sabotage, bool before = false)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("CREATE TABLE later (x int)");
        var live = await backups.FingerprintAsync(default);

        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            foreach (var statement in sabotage.Split("; "))
            {
                await cluster.ExecuteAsync($"USE {scratch.Name}; {statement}");
            }

            await using var holder = before ? await LockAsync(scratch.Name) : null;
            var swap = new MariaDbSwap(Server(shop), scratch);
            await Should.ThrowAsync<MySqlException>(swap.TakePlaceAsync(default));
            swap.Left.ShouldMatch(before
                ? @"^It is as it was before\. But from [0-9:]{8} to [0-9:]{8} UTC its triggers were missing: what was written then fired none\.$"
                : @"^It is as it was before\. But what was written from [0-9:]{8} to [0-9:]{8} UTC went to the tables of the backup, and is gone with them\.$");
        }

        BackupComparison.Compare("live", live, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task What_cannot_be_made_again_is_told_though_the_tables_are_back()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1)");
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        await shop.ExecuteAsync("CREATE TABLE gone (x int); CREATE VIEW stale AS SELECT x FROM gone; DROP TABLE gone; INSERT INTO orders VALUES (7)");
        await using var scratch = await MariaDbScratch.BesideAsync(Server(shop), default);
        await scratch.FillAsync(file, default);
        await cluster.ExecuteAsync($"USE {scratch.Name}; CREATE TABLE gone (x int); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone");
        var swap = new MariaDbSwap(Server(shop), scratch);
        var kept = scratch.Name.Replace("restore", "replaced", StringComparison.Ordinal);

        await Should.ThrowAsync<MySqlException>(swap.TakePlaceAsync(default));

        (swap.IsDone, await shop.ScalarAsync("SELECT GROUP_CONCAT(x ORDER BY x) FROM orders")).ShouldBe((false, "1,7"));
        swap.Left.ShouldStartWith("It could not be put back as it was: ");
        swap.Left.ShouldContain($"Its tables are as they were, but triggers, views, routines and events may be missing; how its triggers, views, routines and events were made stands in {kept}.deployops_replaced_definitions.");
        (await shop.ScalarAsync($"SELECT GROUP_CONCAT(kind, ' ', name) FROM {kept}.deployops_replaced_definitions")).ShouldBe("VIEW stale");
        await cluster.ExecuteAsync($"DROP DATABASE {kept}");
    }

    [Fact]
    public async Task A_restore_whose_connection_is_lost_does_not_say_that_everything_is_as_before()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE stock (x int); INSERT INTO stock VALUES (1); CREATE VIEW odd AS SELECT x FROM stock");
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        string kept;
        MariaDbSwap swap;
        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            kept = scratch.Name.Replace("restore", "replaced", StringComparison.Ordinal);
            swap = new MariaDbSwap(Server(shop), scratch);
            await using var holder = await HoldAsync(shop.Name, "stock");
            var swapping = swap.TakePlaceAsync(default);
            await cluster.UntilAsync($"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {scratch.Keeper.ServerThread} AND INFO LIKE 'RENAME TABLE%'");

            await cluster.ExecuteAsync($"KILL CONNECTION {scratch.Keeper.ServerThread}");
            await Should.ThrowAsync<Exception>(swapping);
        }

        swap.Left.ShouldContain($"Its tables as they were are in it or in the database {kept}, which is kept");
        (await shop.ScalarAsync($"SELECT COUNT(*) FROM {kept}.deployops_replaced_definitions")).ShouldBe("1");
        await cluster.ExecuteAsync($"DROP DATABASE {kept}; DROP DATABASE {kept.Replace("replaced", "restore", StringComparison.Ordinal)}");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_restore_dropped_that_ended_before_the_tables_moved_is_made_again(bool byBackup)
    {
        await using var shop = await cluster.CreateAsync(
            "CREATE TABLE stock (x int); CREATE TABLE noted (x int); DELIMITER //\nCREATE TRIGGER note AFTER INSERT ON stock FOR EACH ROW BEGIN INSERT INTO noted VALUES (NEW.x); END//\nDELIMITER ;");
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            await using var holder = await HoldAsync(shop.Name, "noted");
            var swapping = new MariaDbSwap(Server(shop), scratch).TakePlaceAsync(default);
            await cluster.UntilAsync($"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {scratch.Keeper.ServerThread} AND INFO LIKE 'RENAME TABLE%'");
            var keeper = scratch.Keeper.ServerThread;
            await cluster.ExecuteAsync($"KILL CONNECTION {keeper}");
            await Should.ThrowAsync<Exception>(swapping);
            // Whoever is let through before it has seen that it is to end goes on.
            await cluster.UntilAsync($"SELECT NOT EXISTS (SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = {keeper})");
        }

        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()")).ShouldBe("0");
        await cluster.UntilAsync("SELECT IS_FREE_LOCK(CONCAT('deployops_use:', LEFT(SHA2(MAX(SCHEMA_NAME), 256), 40))) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops_replaced_%'");
        var backups = shop.Open().Backups;

        if (byBackup)
        {
            await backups.BackupAsync(shop.PathOf("next.sql"), default);
        }
        else
        {
            (await backups.MendAsync(default)).ShouldBe($"A restore of {Server(shop).Place} did not end and had dropped what was made again: trigger note. What was written meanwhile fired no trigger.");
        }

        await shop.ExecuteAsync("INSERT INTO stock VALUES (7)");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(x) FROM noted")).ShouldBe("7");
        (await backups.MendAsync(default)).ShouldBeEmpty();
        await backups.ReadBackAsync(file, default);
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task Tables_that_cannot_be_moved_back_are_told_with_where_they_are()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders VALUES (1); CREATE TABLE coming (x int)");
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        // What has to be dropped between the move and the refusal leaves time to get in between.
        await shop.ExecuteAsync("DROP TABLE coming; INSERT INTO orders VALUES (7);" + string.Concat(Enumerable.Range(0, 60).Select(number => $"CREATE VIEW v{number} AS SELECT x FROM orders;")));
        var scratch = await MariaDbScratch.BesideAsync(Server(shop), default);
        await scratch.FillAsync(file, default);
        await cluster.ExecuteAsync($"USE {scratch.Name}; CREATE TABLE gone (x int); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone");
        var swap = new MariaDbSwap(Server(shop), scratch) { LockWait = TimeSpan.FromSeconds(1) };
        var kept = scratch.Name.Replace("restore", "replaced", StringComparison.Ordinal);
        var holding = HoldAsSoonAsThereAsync($"{shop.Name}.coming");

        await Should.ThrowAsync<MySqlException>(swap.TakePlaceAsync(default));

        await (await holding).DisposeAsync();
        await scratch.DisposeAsync();
        swap.Left.ShouldStartWith("It could not be put back as it was: Lock wait timeout exceeded");
        swap.Left.ShouldContain($"Its tables as they were are in the database {kept}, which is kept, and those of the backup are in their place");
        (swap.IsDone, await shop.ScalarAsync($"SELECT GROUP_CONCAT(x ORDER BY x) FROM {kept}.orders"), await shop.ScalarAsync("SELECT GROUP_CONCAT(x) FROM orders")).ShouldBe((false, "1,7", "1"));
        (await shop.ScalarAsync($"SELECT COUNT(*) FROM {kept}.deployops_replaced_definitions")).ShouldBe("60");

        var half = await Should.ThrowAsync<DeployOpsException>(shop.Open().Backups.MendAsync(default));
        (half.ErrorId, half.Message.Contains($"its tables are those of the backup, and triggers, views, routines and events may be missing. What it was is in the database {kept}.")).ShouldBe(("RestoreInterrupted", true));

        // As the words say: restored again, then dropped.
        await shop.Open().Backups.RestoreAsync(file, await shop.Open().Backups.ReadBackAsync(file, default), default);
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(x) FROM orders")).ShouldBe("1");
        (await shop.ScalarAsync($"SELECT COUNT(*) FROM {kept}.orders")).ShouldBe("2");
        (await shop.Open().Backups.MendAsync(default)).ShouldBeEmpty();
        await cluster.ExecuteAsync($"DROP DATABASE {kept}");
    }

    [Fact]
    public async Task Packages_are_restored_with_their_bodies()
    {
        await using var shop = await cluster.CreateAsync(
            "SET sql_mode = ORACLE; DELIMITER //\nCREATE PACKAGE sums AS FUNCTION one RETURN INT; END//\nCREATE PACKAGE BODY sums AS FUNCTION one RETURN INT AS BEGIN RETURN 1; END; END//\nDELIMITER ;");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);

        await backups.RestoreAsync(file, taken, default);

        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE LIKE 'PACKAGE%'")).ShouldBe("2");
    }

    // Somebody who comes back as soon as he is disconnected is one who has chosen another database.
    private Task<MySqlConnection> LockAsync(string database) => HoldAsync(database, "needless");

    private async Task<MySqlConnection> HoldAsync(string database, string table)
    {
        var connection = new MySqlConnection(cluster.ConnectionString("") + ";Pooling=false;Default Command Timeout=0");
        await connection.OpenAsync();
        await new MySqlCommand("START TRANSACTION", connection).ExecuteNonQueryAsync();
        await new MySqlCommand($"SELECT COUNT(*) FROM {database}.{table}", connection).ExecuteNonQueryAsync();
        return connection;
    }

    // Whoever comes back as soon as the table is there, from another database.
    private async Task<MySqlConnection> HoldAsSoonAsThereAsync(string table)
    {
        var connection = new MySqlConnection(cluster.ConnectionString("") + ";Pooling=false;Default Command Timeout=0");
        await connection.OpenAsync();
        await new MySqlCommand("START TRANSACTION", connection).ExecuteNonQueryAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            try
            {
                await new MySqlCommand($"SELECT COUNT(*) FROM {table}", connection).ExecuteNonQueryAsync(limit.Token);
                return connection;
            }
            catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchTable)
            {
                // Not yet.
            }
        }
    }
}
