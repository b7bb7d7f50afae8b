using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.Support;
using MySqlConnector;
using static DeployOps.Adapters.Tests.MariaDb.MariaDbBackupBench;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>The server takes rights on a routine away where the routine is dropped: whoever could call it before a restore can call it afterwards, whether the restore ended well or not.</summary>
[Collection(OneAfterAnother)]
public sealed class MariaDbRoutineRightTests(MariaDbCluster cluster)
{
    private const string Routines =
        """
        CREATE TABLE orders (x int); INSERT INTO orders VALUES (1);
        DELIMITER //
        CREATE PROCEDURE place() BEGIN INSERT INTO orders VALUES (2); END//
        CREATE FUNCTION place() RETURNS int DETERMINISTIC BEGIN RETURN 1; END//
        CREATE PROCEDURE `odd ``name`() BEGIN SELECT 1; END//
        CREATE TRIGGER note BEFORE INSERT ON orders FOR EACH ROW BEGIN SET NEW.x = NEW.x; END//
        DELIMITER ;
        SET sql_mode = ORACLE;
        DELIMITER //
        CREATE PACKAGE sums AS FUNCTION one RETURN INT; END//
        CREATE PACKAGE BODY sums AS FUNCTION one RETURN INT AS BEGIN RETURN 1; END; END//
        DELIMITER ;
        """;

    [Fact]
    public async Task Whoever_could_call_a_routine_can_call_it_after_a_restore()
    {
        await using var shop = await cluster.CreateAsync(Routines);
        await using var app = await AppAsync(shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);

        await backups.RestoreAsync(file, taken, default);

        (await RightsAsync(shop)).ShouldBe(app.Rights);
        await app.CallAsync();
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2");
    }

    [Fact]
    public async Task Whoever_could_call_a_routine_can_call_it_after_a_restore_that_was_taken_back()
    {
        await using var shop = await cluster.CreateAsync(Routines);
        await using var app = await AppAsync(shop);
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            await cluster.ExecuteAsync($"USE {scratch.Name}; CREATE TABLE gone (x int); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone");
            var swap = new MariaDbSwap(Server(shop), scratch);

            await Should.ThrowAsync<MySqlException>(swap.TakePlaceAsync(default));

            swap.Left.ShouldStartWith("It is as it was before.");
        }

        (await RightsAsync(shop)).ShouldBe(app.Rights);
        await app.CallAsync();
    }

    [Fact]
    public async Task Whoever_could_call_a_routine_can_call_it_once_a_restore_that_was_killed_is_put_right()
    {
        await using var shop = await cluster.CreateAsync(Routines);
        await using var app = await AppAsync(shop);
        var file = shop.PathOf("backup.sql");
        var backups = shop.Open().Backups;
        await backups.BackupAsync(file, default);
        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            await using var holder = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
            await new MySqlCommand("USE information_schema", holder).ExecuteNonQueryAsync();
            var swapping = new MariaDbSwap(Server(shop), scratch).TakePlaceAsync(default);
            await cluster.UntilAsync($"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = {scratch.Keeper.ServerThread} AND STATE LIKE 'Waiting for table metadata lock'");
            await cluster.ExecuteAsync($"KILL CONNECTION {scratch.Keeper.ServerThread}");
            await Should.ThrowAsync<Exception>(swapping);
        }

        // As if it had been killed where the routines were dropped, too.
        await shop.ExecuteAsync("DROP PROCEDURE place; DROP FUNCTION place; SET sql_mode = ORACLE; DROP PACKAGE sums");
        await cluster.UntilAsync("SELECT IS_FREE_LOCK(CONCAT('deployops_use:', LEFT(SHA2(MAX(SCHEMA_NAME), 256), 40))) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'deployops_replaced_%'");

        (await backups.MendAsync(default)).ShouldContain("procedure place");

        (await RightsAsync(shop)).ShouldBe(app.Rights);
        await app.CallAsync();
        await backups.ReadBackAsync(file, default);
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Theory]
    [InlineData("", "who may call its routines is not shown to this account, and would not be known any more once they are dropped to be made again. It is as it was before. Grant the account SELECT ON mysql.procs_priv.")]
    [InlineData("GRANT SELECT ON mysql.procs_priv TO {plan}", "rights on its routines go when these are dropped, and this account may not give them back: function place, procedure odd `name, procedure place, package sums, package body sums (")]
    public async Task An_account_that_could_not_give_rights_back_restores_nothing(string more, string why)
    {
        await using var shop = await cluster.CreateAsync(Routines);
        await using var app = await AppAsync(shop);
        var file = shop.PathOf("backup.sql");
        var taken = await shop.Open().Backups.BackupAsync(file, default);
        var plan = $"plan_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"CREATE USER {plan} IDENTIFIED BY 'plan'; GRANT PROCESS ON *.* TO {plan}; GRANT ALL ON {shop.Name}.* TO {plan}; GRANT ALL ON `deployops\\_%`.* TO {plan}; {more.Replace("{plan}", plan, StringComparison.Ordinal)}");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: $"{shop.ConnectionString};User ID={plan};Password=plan").Backups.RestoreAsync(file, taken, default));

        await cluster.ExecuteAsync($"DROP USER {plan}");
        error.ErrorId.ShouldBe("RestoreFailed");
        error.Message.ShouldContain(why);
        (await RightsAsync(shop)).ShouldBe(app.Rights);
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task Routines_that_come_back_are_told_since_nobody_knows_who_could_call_them()
    {
        await using var shop = await cluster.CreateAsync(Routines);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("DROP PROCEDURE place");

        var told = await backups.RestoreAsync(file, taken, await backups.FingerprintAsync(taken, default), default);

        told.ShouldBe("rights on single routines are in no backup, and went where these were dropped: procedure place. Grant EXECUTE again to whoever had it on one of them alone.");
    }

    private static Task<string?> RightsAsync(MariaDbShop shop) => shop.ScalarAsync(
        "SELECT GROUP_CONCAT(CONCAT_WS('/', User, Host, Routine_type, Routine_name, Proc_priv) ORDER BY User, Routine_type, Routine_name SEPARATOR ' ') FROM mysql.procs_priv WHERE Db = DATABASE()");

    private async Task<App> AppAsync(MariaDbShop shop)
    {
        var name = $"app_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"CREATE USER {name} IDENTIFIED BY 'app'; CREATE ROLE {name}_role; GRANT INSERT ON {shop.Name}.orders TO {name}");
        await shop.ExecuteAsync(
            $"GRANT EXECUTE ON PROCEDURE place TO {name}; GRANT ALTER ROUTINE, EXECUTE ON FUNCTION place TO {name}_role; GRANT EXECUTE ON PROCEDURE `odd ``name` TO {name} WITH GRANT OPTION; "
            + $"GRANT GRANT OPTION ON FUNCTION place TO {name}; GRANT EXECUTE ON FUNCTION place TO PUBLIC; SET sql_mode = ORACLE; GRANT EXECUTE ON PACKAGE sums TO {name}; GRANT EXECUTE ON PACKAGE BODY sums TO {name}_role");
        return new App(cluster, shop, name, await RightsAsync(shop));
    }

    private sealed class App(MariaDbCluster cluster, MariaDbShop shop, string name, string? rights) : IAsyncDisposable
    {
        internal string? Rights => rights;

        internal async Task CallAsync()
        {
            await using var connection = new MySqlConnection($"{shop.ConnectionString};User ID={name};Password=app;Pooling=false");
            await connection.OpenAsync();
            await new MySqlCommand("CALL place()", connection).ExecuteNonQueryAsync();
        }

        // What everybody may call goes with the function; where that is there no more, a right on it that was lost is what the test tells.
        public async ValueTask DisposeAsync() => await cluster.ExecuteAsync($"DROP USER {name}; DROP ROLE {name}_role; DROP FUNCTION IF EXISTS {shop.Name}.place");
    }
}
