using System.Security.Cryptography;
using System.Text;
using DeployOps.Adapters.MariaDb;
using DeployOps.Backups;
using MySqlConnector;
using static DeployOps.Adapters.Tests.MariaDb.MariaDbBackupBench;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A backup is restored beside the live database and compared: what is not what was dumped does not pass.</summary>
[Collection(OneAfterAnother)]
public sealed class MariaDbProofTests(MariaDbCluster cluster)
{
    // Each is a restore.
    private static readonly int Flips = Environment.GetEnvironmentVariable("DEPLOYOPS_FULL") == "1" ? 100 : 8;

    [Fact]
    public async Task A_dump_with_a_bit_turned_is_refused_or_does_not_compare()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int, x varchar(40), y blob); INSERT INTO orders SELECT seq, MD5(seq), UNHEX(MD5(seq)) FROM seq_1_to_3000");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        var whole = await File.ReadAllBytesAsync(file);
        var good = await Refusal(backups, file, taken);

        var missed = new List<string>();
        for (var i = 0; i < Flips; i++)
        {
            // Within the rows: what surrounds them, such as comments, holds bits that mean nothing. Nor does the case of what is hexadecimal.
            var at = (whole.Length / 3) + RandomNumberGenerator.GetInt32(whole.Length / 3);
            var bit = (byte)(1 << (i % 5));
            var flipped = (byte[])whole.Clone();
            flipped[at] ^= bit;
            await File.WriteAllBytesAsync(file, flipped);
            if (!IsSpace(whole[at]) && await Refusal(backups, file, taken) is null)
            {
                missed.Add($"{at} {(char)whole[at]} {bit}");
            }
        }

        good.ShouldBeNull();
        missed.ShouldBeEmpty();
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.6)]
    [InlineData(0.99)]
    public async Task A_dump_that_is_cut_off_is_refused(double part)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);
        var whole = await File.ReadAllBytesAsync(file);
        await File.WriteAllBytesAsync(file, whole[..(int)(whole.Length * part)]);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupCorrupt");
        error.Message.ShouldContain("its last line does not say that the dump was completed, so it was cut off");
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task A_dump_from_which_statements_were_taken_does_not_compare()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        var text = await File.ReadAllTextAsync(file, Encoding.Latin1);
        var from = text.IndexOf("INSERT INTO `twins`", StringComparison.Ordinal);
        var without = text[..from] + text[(text.IndexOf(";\n", from, StringComparison.Ordinal) + 2)..];

        await File.WriteAllTextAsync(file, without, Encoding.Latin1);
        var rows = BackupComparison.Compare("backup", taken, await backups.ReadBackAsync(file, default));
        await File.WriteAllTextAsync(file, text.Replace("NEW.x + 1", "NEW.x + 2", StringComparison.Ordinal), Encoding.Latin1);
        var trigger = BackupComparison.Compare("backup", taken, await backups.ReadBackAsync(file, default));

        rows.Detail.ShouldBe("twins: 3 rows expected, 0 found");
        trigger.Detail.ShouldBe("the schema differs");
    }

    [Fact]
    public async Task A_dump_of_another_moment_does_not_compare()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("UPDATE parted SET what = 'y' WHERE at = '2026-12-02'");
        File.Delete(file);
        await backups.BackupAsync(file, default);

        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).Detail.ShouldBe("parted: 100 rows on both sides, contents differ");
    }

    [Fact]
    public async Task Rows_of_a_dump_that_is_not_understood_are_not_told()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE customers (name varchar(60)); INSERT INTO customers VALUES ('kim@example.org'), ('sam@example.org')");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("INSERT INTO `customers` VALUES", "INSERT INTO `customers` VALUEZ", StringComparison.Ordinal));

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupCorrupt");
        error.Message.ShouldMatch(@"mariadb: ERROR 1064 \(42000\) at line \d+: the server does not understand what stands there\.");
        error.ToString().ShouldNotContain("example.org");
    }

    [Fact]
    public async Task A_routine_that_names_its_own_database_compares()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int)");
        await shop.ExecuteAsync($"CREATE PROCEDURE fill() INSERT INTO `{shop.Name}`.`orders` VALUES (1); CREATE VIEW totals AS SELECT x FROM `{shop.Name}`.`orders`");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");

        var taken = await backups.BackupAsync(file, default);
        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
    }

    [Fact]
    public async Task A_file_that_is_not_there_cannot_be_read_back()
    {
        await using var shop = await cluster.CreateAsync();

        (await Should.ThrowAsync<DeployOpsException>(shop.Open().Backups.ReadBackAsync(shop.PathOf("none.sql"), default))).ErrorId.ShouldBe("BackupCorrupt");
    }

    [Theory]
    [InlineData("ALTER TABLE twins ADD y int", "the schema differs")]
    [InlineData("DROP VIEW aa_paid", "the schema differs")]
    [InlineData("DROP TRIGGER then_shout", "the schema differs")]
    [InlineData("ALTER EVENT nightly DISABLE", "the schema differs")]
    [InlineData("DROP PROCEDURE fill", "the schema differs")]
    [InlineData("ALTER TABLE `order lines` ALTER COLUMN hidden SET DEFAULT 8", "the schema differs")]
    [InlineData("DELETE FROM twins LIMIT 1", "twins: 3 rows expected, 2 found")]
    [InlineData("UPDATE `order lines` SET mask = mask ^ 1 WHERE id = 5", "order lines: 3000 rows on both sides, contents differ")]
    [InlineData("UPDATE `order lines` SET hidden = 8 WHERE id = 5", "order lines: 3000 rows on both sides, contents differ")]
    [InlineData("UPDATE `order lines` SET note = '' WHERE note IS NULL LIMIT 1", "order lines: 3000 rows on both sides, contents differ")]
    [InlineData("UPDATE `order lines` SET picture = CONCAT(picture, x'00') WHERE id = 5", "order lines: 3000 rows on both sides, contents differ")]
    [InlineData("UPDATE customers SET name = 'åsa' WHERE id = 1", "customers: 3 rows on both sides, contents differ")]
    [InlineData("SELECT SETVAL(numbers, 5000)", "sequence numbers: 1100 expected, ")]
    [InlineData("ALTER DATABASE COLLATE utf8mb4_bin", "the schema differs")]
    [InlineData("SET collation_connection = utf8mb4_bin; CREATE OR REPLACE VIEW base AS SELECT id, total FROM `order lines`", "the schema differs")]
    [InlineData("CREATE OR REPLACE VIEW base AS SELECT id, total FROM `order lines`", null)]
    [InlineData("ALTER TABLE twins AUTO_INCREMENT = 9", null)]
    [InlineData("ALTER TABLE twins FORCE", null)]
    public async Task What_differs_is_named(string change, string? expected)
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);

        await shop.ExecuteAsync(change);

        var comparison = BackupComparison.Compare("it", before, await backups.FingerprintAsync(default));
        (expected is null ? comparison.Verdict.ToString() : comparison.Detail).ShouldContain(expected ?? "Pass");
    }

    [Fact]
    public async Task Tables_are_told_by_the_columns_a_backup_had()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int, x int); INSERT INTO orders VALUES (1, 2)");
        var backups = shop.Open().Backups;
        var before = await backups.FingerprintAsync(default);
        await shop.ExecuteAsync("ALTER TABLE orders ADD y int DEFAULT 3 FIRST");

        var now = await backups.FingerprintAsync(before, default);

        now.Tables[0].Hash.ShouldBe(before.Tables[0].Hash);
        (await backups.FingerprintAsync(default)).Tables[0].Hash.ShouldNotBe(before.Tables[0].Hash);
    }

    [Fact]
    public async Task Events_of_a_copy_do_not_begin_to_run()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int)");
        await shop.ExecuteAsync($"CREATE EVENT tick ON SCHEDULE EVERY 1 SECOND STARTS '2030-01-01' DO INSERT INTO {shop.Name}.orders VALUES (1)");
        var file = shop.PathOf("backup.sql");
        await shop.Open().Backups.BackupAsync(file, default);
        // As if its time had come.
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("STARTS '2030-01-01", "STARTS '2020-01-01", StringComparison.Ordinal));

        await using (var scratch = await MariaDbScratch.BesideAsync(Server(shop), default))
        {
            await scratch.FillAsync(file, default);
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            scratch.Events.ShouldBe(["tick"]);
            (await shop.ScalarAsync($"SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '{scratch.Name}'")).ShouldBe("DISABLED");
        }

        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("0");
    }

    [Fact]
    public async Task What_a_killed_run_left_is_dropped_by_the_next_and_what_another_uses_is_not()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        await cluster.ExecuteAsync($"CREATE DATABASE deployops_verify_0123456789ab COMMENT '{MariaDbScratch.Comment} of shop'");
        await cluster.ExecuteAsync($"CREATE DATABASE deployops_verify_ba9876543210 COMMENT '{MariaDbScratch.Comment} of shop'");
        await cluster.ExecuteAsync("CREATE DATABASE deployops_verify_cccccccccccc");
        await using var other = await shop.ConnectAsync();
        await new MySqlCommand($"SELECT GET_LOCK('{MariaDbScratch.NameOfUse("deployops_verify_ba9876543210")}', 0)", other).ExecuteScalarAsync();
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);

        await backups.ReadBackAsync(file, default);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'deployops_verify_0123456789ab'")).ShouldBe("0");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'deployops_verify_ba9876543210'")).ShouldBe("1");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'deployops_verify_cccccccccccc'")).ShouldBe("1", "it is not marked as one of this program's own");
        await cluster.ExecuteAsync("DROP DATABASE deployops_verify_ba9876543210");
        await cluster.ExecuteAsync("DROP DATABASE deployops_verify_cccccccccccc");
    }

    private static bool IsSpace(byte one) => one is (byte)' ' or (byte)'\n';

    // What a restore says, else how the copy differs; null where it does not.
    private static async Task<string?> Refusal(IBackupTarget backups, string file, DatabaseFingerprint taken)
    {
        try
        {
            var comparison = BackupComparison.Compare("backup", taken, await backups.ReadBackAsync(file, default));
            return comparison.Verdict == Gates.GateVerdict.Pass ? null : comparison.Detail;
        }
        catch (DeployOpsException e) when (e.ErrorId == "BackupCorrupt")
        {
            return e.Message;
        }
    }
}
