using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>Scripts, validations and undo scripts on the restored backup, beside the live database.</summary>
[Collection(MariaDbBackupBench.OneAfterAnother)]
public sealed class MariaDbRehearsalTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL, note varchar(20)); INSERT INTO orders SELECT seq, seq, 'x' FROM seq_1_to_1000; CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'y'; CREATE VIEW totals AS SELECT SUM(total) AS n FROM orders";

    [Theory]
    [InlineData("ALTER TABLE orders ADD COLUMN status int; CREATE INDEX by_status ON orders (status);", "DROP INDEX by_status ON orders; ALTER TABLE orders DROP COLUMN status;", "")]
    [InlineData("UPDATE orders SET total = total * 100;", "UPDATE orders SET total = total / 100;", "")]
    [InlineData("UPDATE orders SET total = total DIV 100;", "UPDATE orders SET total = total * 100;", "after U1__a.sql it is not what it was: orders: 1000 rows on both sides, contents differ")]
    [InlineData("ALTER TABLE orders ADD COLUMN status int; CREATE INDEX by_total ON orders (total);", "ALTER TABLE orders DROP COLUMN status;", "after U1__a.sql it is not what it was: the schema differs")]
    [InlineData("INSERT INTO orders (id, total) VALUES (2000, 1);", "DELETE FROM orders WHERE id = 2000;", "")]
    [InlineData("ALTER TABLE orders ADD COLUMN status int;", "ALTER TABLE orders DROP COLUMN gone;", "U1__a.sql fails: ")]
    public async Task Schema_and_content_before_and_after_tell_whether_a_script_can_be_taken_back(string sql, string undo, string why)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var before = await shop.Open().Backups.FingerprintAsync(default);

        var rehearsal = (await RehearseAsync(shop, sql, undo)).ShouldNotBeNull();

        var script = rehearsal.Scripts.ShouldHaveSingleItem();
        script.NotReversible.ShouldStartWith(why);
        (script.IsReversible, rehearsal.PointOfNoReturn).ShouldBe((why.Length == 0, why.Length == 0 ? null : "1"));
        (await shop.Open().Backups.FingerprintAsync(default)).ShouldBeEquivalentTo(before);
        (await MariaDbBackupBench.ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task A_script_that_fails_there_does_not_touch_production()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(RehearseAsync(shop, "CREATE TABLE early (id int); ALTER TABLE orders ADD UNIQUE (note);", "DROP TABLE early;"));

        error.ErrorId.ShouldBe("RehearsalFailed");
        error.Message.ShouldContain("Duplicate entry");
        error.Message.ShouldContain("Production was not touched.");
        (await shop.HasAsync("early")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_validation_that_fails_there_ends_it()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(RehearseAsync(shop, "DELETE FROM orders WHERE id > 10;", "SELECT 1;", "SELECT COUNT(*) FROM orders"));

        error.ErrorId.ShouldBe("RehearsalFailed");
        error.Message.ShouldContain("validations fail after the last script: a thousand: expected 1000, got 10");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("1000");
    }

    [Theory]
    [InlineData("DELETE FROM orders WHERE id = 1;", "SELECT 1;", "SELECT COUNT(*) FROM {live}.orders", "a.sql (a thousand) names the database {live}")]
    [InlineData("SELECT GET_LOCK('of all', 1);", "SELECT 1;", "SELECT 1", "V1__a.sql:1 has GET_LOCK, which reaches beyond the database")]
    [InlineData("CREATE TABLE there (id int) DATA DIRECTORY = '/tmp';", "SELECT 1;", "SELECT 1", "V1__a.sql:1 has DIRECTORY, which reaches beyond the database")]
    [InlineData("DELETE FROM orders WHERE id = 1;", "SET PASSWORD = '';", "SELECT 1", "U1__a.sql:1 (SET PASSWORD) is not known to stay within the database")]
    public async Task What_no_right_keeps_within_the_copy_is_not_tried_on_it(string sql, string undo, string query, string why)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        string With(string text) => text.Replace("{live}", shop.Name, StringComparison.Ordinal);
        var warnings = new List<string>();

        var rehearsal = await RehearseAsync(shop, With(sql), With(undo), With(query), warnings);

        rehearsal.ShouldBeNull();
        warnings.ShouldHaveSingleItem().ShouldBe($"shop: the migration is not rehearsed on the restored backup, since {With(why)}.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("1000");
    }

    [Fact]
    public async Task An_undo_script_that_needs_more_than_the_copy_is_not_known_to_lead_back()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var rehearsal = (await RehearseAsync(shop, "DELETE FROM orders WHERE id = 1;", $"INSERT INTO orders SELECT * FROM {shop.Name}.orders WHERE id = 1;")).ShouldNotBeNull();

        rehearsal.Scripts.ShouldHaveSingleItem().NotReversible.ShouldStartWith("U1__a.sql needs more than the copy, so that it was not rehearsed to its end: U1__a.sql:1: SELECT command denied");
        rehearsal.PointOfNoReturn.ShouldBe("1");
    }

    // What was the database's own leads back to the live one from its copy, and is refused there.
    [Theory]
    [InlineData("CREATE PROCEDURE p() DELETE FROM {live}.orders", "CALL p();", "DELETE command denied")]
    [InlineData("CREATE SEQUENCE numbers; ALTER TABLE orders ALTER COLUMN id SET DEFAULT NEXTVAL(numbers)", "INSERT INTO orders (total) VALUES (1);", "SELECT, INSERT command denied")]
    public async Task A_copy_that_leads_back_to_the_live_database_is_tried_on_as_far_as_the_server_lets_it(string sql, string script, string why)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.ExecuteAsync(sql.Replace("{live}", shop.Name, StringComparison.Ordinal));
        var warnings = new List<string>();

        var rehearsal = await RehearseAsync(shop, script, "SELECT 1;", "SELECT 1", warnings);

        rehearsal.ShouldNotBeNull().Untried.ShouldStartWith($"not rehearsed beyond V1__a.sql:1: {why}");
        warnings.ShouldHaveSingleItem().ShouldBe($"shop: {rehearsal.Untried}.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("1000");
    }

    [Fact]
    public async Task What_each_statement_locks_writes_anew_touches_and_logs_is_told()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY, total int NOT NULL, note varchar(40)); INSERT INTO orders SELECT seq, seq, MD5(seq) FROM seq_1_to_100000; CREATE TABLE parts (at int) PARTITION BY HASH (at) PARTITIONS 3");

        var rehearsal = (await RehearseAsync(
            shop,
            "UPDATE orders SET note = 'x' WHERE id <= 2000;\nALTER TABLE orders ADD COLUMN status int;\nALTER TABLE orders MODIFY total bigint;\nCREATE INDEX by_note ON orders (note);\n"
            + "CREATE TABLE fresh (id int);\nINSERT INTO fresh VALUES (1);\nALTER TABLE parts ADD PARTITION PARTITIONS 1;\n-- deployops: repeat-until-zero chunk=900\nUPDATE orders SET note = 'y' WHERE note = 'x' LIMIT 900;\n",
            "SELECT 1;")).ShouldNotBeNull();

        var statements = rehearsal.Scripts.ShouldHaveSingleItem().Statements;
        foreach (var statement in statements)
        {
            TestContext.Current.SendDiagnosticMessage("{0}", statement);
        }

        statements.Select(statement => statement.Number).ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
        statements.Select(statement => statement.Rows).ShouldBe([2000, null, null, null, null, 1, null, 2000]);
        statements[0].Locks.ShouldBe(["orders MDL_SHARED_WRITE"]);
        statements.Where(statement => statement.Rewritten.Count > 0).Select(statement => $"{statement.Number} {string.Join(' ', statement.Rewritten)}").ShouldBe(["3 orders", "7 parts"]);
        statements[2].Locks.ShouldHaveSingleItem().ShouldBeOneOf("orders MDL_SHARED_NO_WRITE", "orders MDL_EXCLUSIVE");
        statements[3].Locks.ShouldHaveSingleItem().ShouldBeOneOf("orders MDL_SHARED_UPGRADABLE", "orders MDL_EXCLUSIVE");
        statements[5].Locks.ShouldBeEmpty();
        (statements[7].Rounds, statements[7].Locks[0]).ShouldBe((4, "orders MDL_SHARED_WRITE"));
        statements.ShouldAllBe(statement => statement.WalBytes > 0 && statement.Unknown.Length == 0);
        statements[2].WalBytes!.Value.ShouldBeGreaterThan(statements[1].WalBytes!.Value);
        rehearsal.ToString().ShouldContain("rewrites orders");
    }

    private static async Task<MigrationRehearsal?> RehearseAsync(MariaDbShop shop, string sql, string undo, string query = "SELECT 1000", List<string>? warnings = null)
    {
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", sql).With("migrations/U1__a.sql", undo);
        var scripts = await MigrationFolder.LoadAsync(shop.PathOf("migrations"), default);
        var queries = warnings is null ? new[] { new ValidationQuery("a thousand", "a.sql", 1, query, ValidationExpectation.TryParse("1000")!) } : [new ValidationQuery("a thousand", "a.sql", 1, query, ValidationExpectation.TryParse(">= 0")!)];
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);
        MigrationRehearsal? rehearsal = null;
        await backups.ReadBackAsync(file, async (copy, _) => rehearsal = await new MigrationRehearser(copy, migrator, TimeProvider.System).RunAsync(migrator.Spec, scripts, queries, default), default);
        warnings?.AddRange(migrator.Warnings);
        return rehearsal;
    }
}
