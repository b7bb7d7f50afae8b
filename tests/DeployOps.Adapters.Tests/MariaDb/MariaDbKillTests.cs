using DeployOps.Adapters.Tests.Support;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>
/// A process that migrates is killed with SIGKILL at a border between statements, and another one runs again: what is there then is what an uninterrupted run leaves. The server does
/// not notice while it is at a statement: that one it brings to its end, or ends with an error that nobody is told any more.
/// </summary>
public sealed class MariaDbKillTests(MariaDbCluster cluster)
{
    private const string Shop = "CREATE TABLE orders (id int PRIMARY KEY, note varchar(40)); INSERT INTO orders SELECT seq, 'n' FROM seq_1_to_100; CREATE TABLE steps (n int PRIMARY KEY)";

    private const string Rows = """
        INSERT INTO steps VALUES (1);
        UPDATE orders SET note = 'open';
        INSERT INTO steps VALUES (2);
        DELETE FROM orders WHERE id > 90;
        INSERT INTO steps VALUES (3);
        """;

    public static TheoryData<int, bool> InTransaction => MigratorProcess.Borders(3, (2, true), (3, false));

    public static TheoryData<int, bool> OneByOne => MigratorProcess.Borders(MariaDbBorderScript.Statements, (3, true), (3, false), (6, true), (8, false), (10, false), (13, false));

    [Theory]
    [MemberData(nameof(InTransaction))]
    public async Task A_script_of_rows_alone_is_there_whole_or_not_at_all(int step, bool before)
    {
        await using var shop = await BeginAsync(Rows);
        await PauseAsync(shop, "steps", "INSERT", before, $"NEW.n = {step}");

        await KillAsync(shop);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("0");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM deployops_migration WHERE version = '1'")).ShouldBe("0");
        await AgainAsync(shop);
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM steps")).ShouldBe("1,2,3");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE note = 'open'")).ShouldBe("90");
    }

    [Theory]
    [MemberData(nameof(OneByOne))]
    public async Task A_script_that_runs_statement_by_statement_goes_on_and_does_nothing_twice(int number, bool before)
    {
        await using var shop = await BeginAsync(MariaDbBorderScript.Sql);
        await PauseAsync(shop, "deployops_statement", "INSERT", before, $"NEW.number = {number}");
        await PauseAsync(shop, "deployops_statement", "UPDATE", before, $"NEW.number = {number}");

        await KillAsync(shop);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM deployops_migration WHERE version = '1' AND state = 'done'")).ShouldBe("0");
        await AgainAsync(shop);
        await MariaDbBorderScript.IsWholeAsync(shop);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM deployops_statement WHERE state = 'done'")).ShouldBe($"{MariaDbBorderScript.Statements}");
    }

    [Fact]
    public async Task What_one_process_has_applied_the_next_one_leaves_as_it_is()
    {
        await using var shop = await BeginAsync(MariaDbBorderScript.Sql);
        await AgainAsync(shop);

        await AgainAsync(shop);

        await MariaDbBorderScript.IsWholeAsync(shop);
    }

    private async Task<MariaDbShop> BeginAsync(string script)
    {
        var shop = await cluster.CreateAsync(Shop);
        await File.WriteAllTextAsync(shop.PathOf("V1__it.sql"), script);
        await File.WriteAllTextAsync(shop.PathOf("V0__history.sql"), "SELECT 1;");
        await shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("0__history", "SELECT 1;"), "kim", default);
        return shop;
    }

    // Whoever comes there waits for a lock that the test has, and before the row is written fails then: to kill a connection that waits so has ended the whole server.
    private static Task PauseAsync(MariaDbShop shop, string table, string act, bool before, string where) => shop.ExecuteAsync(
        $"DELIMITER //\nCREATE TRIGGER pause_{act.ToLowerInvariant()} {(before ? "BEFORE" : "AFTER")} {act} ON {table} FOR EACH ROW BEGIN IF {where} THEN DO GET_LOCK('pause {shop.Name}', 60); DO RELEASE_LOCK('pause {shop.Name}'); {(before ? "SIGNAL SQLSTATE '45000'; " : "")}END IF; END //\nDELIMITER ;");

    private async Task KillAsync(MariaDbShop shop)
    {
        await using (var holder = new MySqlConnection(cluster.ConnectionString("") + ";Pooling=false"))
        {
            await holder.OpenAsync();
            await new MySqlCommand($"SELECT GET_LOCK('pause {shop.Name}', 0)", holder).ExecuteScalarAsync();
            using var child = MigratorProcess.Start("MariaDb", shop.Folder, shop.ConnectionString);
            await child.KillWhenAsync(shop.UntilAsync("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND STATE = 'User lock'"));
        }

        await shop.UntilAsync("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()");
        await shop.ExecuteAsync("DROP TRIGGER IF EXISTS pause_insert; DROP TRIGGER IF EXISTS pause_update");
    }

    private static Task AgainAsync(MariaDbShop shop) => MigratorProcess.ApplyAsync("MariaDb", shop.Folder, shop.ConnectionString);
}
