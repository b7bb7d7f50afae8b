using DeployOps.Adapters.MariaDb;
using DeployOps.Backups;
using MySqlConnector;
using static DeployOps.Adapters.Tests.MariaDb.MariaDbBackupBench;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>What a database and its definitions were made with, character sets and collations, is part of what is backed up, proven and put back.</summary>
[Collection(OneAfterAnother)]
public sealed class MariaDbCollationTests(MariaDbCluster cluster)
{
    private static readonly string[] Makings =
    [
        "CREATE TABLE words (x varchar(20))",
        "SET SESSION collation_connection = utf8mb4_bin",
        "CREATE FUNCTION same() RETURNS int DETERMINISTIC RETURN 'A' = 'a'",
        "CREATE VIEW letters AS SELECT 'A' = 'a' AS same",
        "CREATE TRIGGER note BEFORE INSERT ON words FOR EACH ROW SET NEW.x = IF('A' = 'a', 'same', 'not the same')",
        "CREATE EVENT never ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM words WHERE 'A' = 'a'",
        // Made under another default of the database: its variables have that one.
        "ALTER DATABASE COLLATE utf8mb4_bin",
        "SET NAMES utf8mb4",
        "CREATE FUNCTION locally() RETURNS int DETERMINISTIC BEGIN DECLARE a varchar(5) DEFAULT 'A'; RETURN a = 'a'; END",
        "CREATE PROCEDURE never_again() SELECT 1",
        "CREATE EVENT not_ever ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM words",
        "ALTER DATABASE COLLATE utf8mb4_general_ci",
        // Sent by a client of another character set, whose bytes the server keeps.
        "SET @text = 'CREATE FUNCTION unit() RETURNS varchar(20) CHARSET utf8mb4 DETERMINISTIC RETURN CONCAT(''Å'', HEX(''Å''))'",
        "SET SESSION character_set_client = latin1, collation_connection = latin1_bin",
        "EXECUTE IMMEDIATE @text",
    ];

    [Theory]
    [InlineData("")]
    [InlineData("DROP DATABASE {live}")]
    [InlineData("DROP FUNCTION {live}.same; DROP FUNCTION {live}.locally; DROP FUNCTION {live}.unit; DROP VIEW {live}.letters; DROP TRIGGER {live}.note")]
    public async Task Definitions_are_restored_with_the_collations_they_were_made_with(string meanwhile)
    {
        await using var shop = await MakeAsync();
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var (before, makings) = (await AnswersAsync(shop), await MakingsAsync(shop));
        before.ShouldBe("0 0 0 ÅC5");
        var taken = await backups.BackupAsync(file, default);
        await cluster.ExecuteAsync(meanwhile.Length == 0 ? "DO 0" : meanwhile.Replace("{live}", shop.Name, StringComparison.Ordinal));

        await backups.RestoreAsync(file, taken, default);

        (await AnswersAsync(shop)).ShouldBe(before);
        (await MakingsAsync(shop)).ShouldBe(makings);
        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
        await shop.ExecuteAsync("INSERT INTO words VALUES ('x')");
        (await shop.ScalarAsync("SELECT x FROM words")).ShouldBe("not the same");
    }

    [Fact]
    public async Task Definitions_of_a_restore_that_was_taken_back_are_as_they_were_made()
    {
        await using var shop = await MakeAsync();
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        await shop.ExecuteAsync("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_german1_ci");
        var (answers, makings, defaults) = (await AnswersAsync(shop), await MakingsAsync(shop), await DefaultsAsync(shop));
        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            await cluster.ExecuteAsync($"USE {scratch.Name}; CREATE TABLE gone (x int); CREATE VIEW broken AS SELECT * FROM gone; DROP TABLE gone");
            var swap = new MariaDbSwap(Server(shop), scratch);

            await Should.ThrowAsync<MySqlException>(swap.TakePlaceAsync(default));

            swap.Left.ShouldStartWith("It is as it was before.");
        }

        (await AnswersAsync(shop), await MakingsAsync(shop), await DefaultsAsync(shop)).ShouldBe((answers, makings, defaults));
    }

    [Fact]
    public async Task A_proof_leaves_the_defaults_of_the_live_database_alone()
    {
        await using var shop = await MakeAsync();
        var file = shop.PathOf("backup.sql");
        var taken = await shop.Open().Backups.BackupAsync(file, default);
        // Where the dump named the live database, its proof would set that back.
        await shop.ExecuteAsync("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_german1_ci");

        var read = await shop.Open().Backups.ReadBackAsync(file, default);

        (await DefaultsAsync(shop)).ShouldBe("latin1 latin1_german1_ci");
        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
    }

    [Fact]
    public async Task The_defaults_of_a_database_are_restored()
    {
        await using var shop = await cluster.CreateAsync("ALTER DATABASE COLLATE utf8mb4_unicode_ci; CREATE TABLE orders (x int)");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_german1_ci");
        var changed = BackupComparison.Compare("live", taken, await backups.FingerprintAsync(default));

        await backups.RestoreAsync(file, taken, default);

        changed.Detail.ShouldBe("the schema differs");
        (await DefaultsAsync(shop)).ShouldBe("utf8mb4 utf8mb4_unicode_ci");
        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
    }

    private static Task<string?> AnswersAsync(MariaDbShop shop) => shop.ScalarAsync("SELECT CONCAT_WS(' ', same(), letters.same, locally(), unit()) FROM letters");

    private static Task<string?> DefaultsAsync(MariaDbShop shop) =>
        shop.ScalarAsync("SELECT CONCAT(DEFAULT_CHARACTER_SET_NAME, ' ', DEFAULT_COLLATION_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()");

    private static Task<string?> MakingsAsync(MariaDbShop shop) => shop.ScalarAsync(
        """
        SELECT GROUP_CONCAT(made ORDER BY made SEPARATOR '; ') FROM (
            SELECT CONCAT_WS(' ', ROUTINE_NAME, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION) AS made FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
            UNION ALL SELECT CONCAT_WS(' ', TABLE_NAME, CHARACTER_SET_CLIENT, COLLATION_CONNECTION) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
            UNION ALL SELECT CONCAT_WS(' ', TRIGGER_NAME, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
            UNION ALL SELECT CONCAT_WS(' ', EVENT_NAME, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()) all_of_it
        """);

    private async Task<MariaDbShop> MakeAsync()
    {
        var shop = await cluster.CreateAsync();
        await using var maker = await shop.ConnectAsync();
        foreach (var making in Makings)
        {
            await new MySqlCommand(making, maker).ExecuteNonQueryAsync();
        }

        return shop;
    }
}
