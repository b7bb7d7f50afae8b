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
    [InlineData("DELETE FROM {live}.orders;", "SELECT 1;", "SELECT 1", "V1__a.sql:1 names the database {live}")]
    [InlineData("DELETE FROM orders WHERE id = 1;", "DELETE FROM {live}.orders;", "SELECT 1", "U1__a.sql:1 names the database {live}")]
    [InlineData("DELETE FROM orders WHERE id = 1;", "SELECT 1;", "SELECT COUNT(*) FROM {live}.orders", "a.sql (a thousand) names the database {live}")]
    public async Task What_names_the_live_database_is_not_tried_on_the_copy(string sql, string undo, string query, string why)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        string With(string text) => text.Replace("{live}", shop.Name, StringComparison.Ordinal);
        var warnings = new List<string>();

        var rehearsal = await RehearseAsync(shop, With(sql), With(undo), With(query), warnings);

        rehearsal.ShouldBeNull();
        warnings.ShouldHaveSingleItem().ShouldBe($"shop: the migration is not rehearsed on the restored backup, since {With(why)}.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("1000");
    }

    // What was the database's own leads back to the live one from its copy.
    [Theory]
    [InlineData("CREATE PROCEDURE p() DELETE FROM {live}.orders", "what the procedure p uses, which names the database {live},")]
    [InlineData("CREATE SEQUENCE numbers; ALTER TABLE orders ALTER COLUMN id SET DEFAULT NEXTVAL(numbers)", "what the table orders uses, whose definition names the database {live},")]
    public async Task A_copy_that_leads_back_to_the_live_database_is_not_tried_on(string sql, string why)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        string With(string text) => text.Replace("{live}", shop.Name, StringComparison.Ordinal);
        await shop.ExecuteAsync(With(sql));
        var warnings = new List<string>();

        (await RehearseAsync(shop, "INSERT INTO orders (total) VALUES (1);", "SELECT 1;", "SELECT 1", warnings)).ShouldBeNull();

        warnings.ShouldHaveSingleItem().ShouldBe($"shop: the migration is not rehearsed on the restored backup, since {With(why)} would be reached from there, too.");
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
