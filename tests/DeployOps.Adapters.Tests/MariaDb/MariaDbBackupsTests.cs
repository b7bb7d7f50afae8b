using System.Globalization;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using MySqlConnector;
using static DeployOps.Adapters.Tests.MariaDb.MariaDbBackupBench;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A backup is taken: of one moment, into a file that is whole or not there.</summary>
[Collection(OneAfterAnother)]
public sealed class MariaDbBackupsTests(MariaDbCluster cluster)
{
    [Fact]
    public async Task A_backup_reads_back_as_what_was_dumped_and_leaves_no_scratch()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");

        var taken = await backups.BackupAsync(file, default);
        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        taken.Tables.Select(table => $"{table.Name} {table.Rows}").ShouldBe(["customers 3", "empty 0", "order lines 3000", "parted 100", "prices 2", "twins 3"]);
        taken.Sequences.ShouldBe([new SequenceFingerprint("numbers", "1100")]);
        Directory.GetFiles(shop.Folder).ShouldBe([file]);
        (OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite)).ShouldBeTrue();
        (await ScratchAsync(shop)).ShouldBe("0");
    }

    [Fact]
    public async Task A_backup_is_of_one_moment_while_others_write()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE a (id int PRIMARY KEY AUTO_INCREMENT, x varchar(20)); CREATE TABLE b (id int PRIMARY KEY); CREATE SEQUENCE s; INSERT INTO a (x) SELECT 'a' FROM seq_1_to_20000");
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(shop, stop.Token);
        await shop.UntilAsync("SELECT COUNT(*) > 20005 FROM a");

        for (var i = 0; i < 3; i++)
        {
            File.Delete(file);
            var taken = await backups.BackupAsync(file, default);
            var read = await backups.ReadBackAsync(file, default);

            BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
            taken.Tables[0].Rows.ShouldBe(20_000 + taken.Tables[1].Rows);
        }

        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task A_cancelled_backup_leaves_no_file_and_commits_go_on()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders SELECT seq FROM seq_1_to_300000");
        var file = shop.PathOf("backup.sql");
        using var stop = new CancellationTokenSource();
        var backing = shop.Open().Backups.BackupAsync(file, stop.Token);
        await shop.UntilRunsAsync("SELECT /*!40001 SQL_NO_CACHE */%");

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(backing);

        Directory.GetFiles(shop.Folder).ShouldBeEmpty();
        await shop.ExecuteAsync("INSERT INTO orders VALUES (0)");
        await shop.UntilAsync("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()");
    }

    [Theory]
    [InlineData("CREATE TRIGGER {live}.noted BEFORE INSERT ON {live}.orders FOR EACH ROW SET NEW.x = 1")]
    [InlineData("CREATE TRIGGER `{live}`.`no.ted` AFTER UPDATE ON `{live}` . `orders` FOR EACH ROW SET @a = 'BEFORE INSERT ON {live}.orders'")]
    public async Task A_trigger_that_was_made_with_the_name_of_its_database_is_restored_into_the_copy(string sql)
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int)");
        await shop.ExecuteAsync(sql.Replace("{live}", shop.Name, StringComparison.Ordinal));
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        var taken = await backups.BackupAsync(file, default);
        await shop.ExecuteAsync("DROP TRIGGER IF EXISTS noted; DROP TRIGGER IF EXISTS `no.ted`");

        var read = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, read).ToString().ShouldStartWith("Pass");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()")).ShouldBe("0");
    }

    [Theory]
    // Hexadecimal digits take twice the room of the rows, which is reckoned with; a quote in a text does, too.
    [InlineData("picture blob", 2, -100, " of its disk are free, and about ")]
    [InlineData("picture mediumtext", 1, -100, " of its disk are free, and about ")]
    [InlineData("picture mediumtext", 1, 100, "No space left on device")]
    public async Task A_disk_that_is_too_small_is_told_before_and_one_that_becomes_full_meanwhile(string column, int times, int kilobytes, string words)
    {
        await using var shop = await cluster.CreateAsync($"CREATE TABLE orders (x int, {column}); INSERT INTO orders SELECT seq, REPEAT(CHAR(39), 7900) FROM seq_1_to_250; ANALYZE TABLE orders");
        var size = long.Parse((await shop.ScalarAsync("SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"))!, System.Globalization.CultureInfo.InvariantCulture);
        using var disk = SmallDisk.Mount((int)(times * size / 1024) + kilobytes);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Backups.BackupAsync(disk.PathOf("backup.sql"), default));

        error.ErrorId.ShouldBe("BackupFailed");
        error.Message.ShouldContain(words);
        Directory.GetFiles(disk.Folder).ShouldBeEmpty();
        await shop.UntilAsync("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()");
    }

    [Fact]
    public async Task Columns_that_a_backup_does_not_have_are_counted()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)");
        var backups = shop.Open().Backups;
        var taken = await backups.BackupAsync(shop.PathOf("backup.sql"), default);
        await shop.ExecuteAsync("ALTER TABLE orders ADD status varchar(9) NOT NULL DEFAULT 'new', ADD note varchar(9), ADD empty json, ADD twice int AS (id * 2), ADD picture blob, ADD at datetime(3) DEFAULT '2026-01-01', ADD mask bit(3) DEFAULT 1; UPDATE orders SET note = IF(id = 2, 'a', 'A'), picture = 'x' WHERE id > 1");

        var live = await backups.FingerprintAsync(taken, default);

        live.Tables.Single().Added.ShouldBe([new("status", 3, true), new("note", 2, false), new("empty", 0, true), new("picture", 2, false), new("at", 3, true), new("mask", 3, true)]);
    }

    [Fact]
    public async Task Tables_whose_engine_knows_no_transactions_are_told_when_a_backup_is_taken()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); CREATE TABLE hits (x int) ENGINE = MyISAM; CREATE TABLE pages (x int) ENGINE = Aria");
        using var reporter = new MariaDbMigrator(shop);

        var taken = await new BackupRunner(shop.Open().Backups, reporter, TimeProvider.System).TakeAsync("shop", shop.PathOf("backup.sql"), default);

        taken.Fingerprint.Tables.Where(table => table.HasNoSnapshot).Select(table => table.Name).ShouldBe(["hits", "pages"]);
        reporter.Warnings.ShouldHaveSingleItem().ShouldEndWith("keeps the backup from being proven: hits, pages. ALTER TABLE … ENGINE = InnoDB gives them one that does.");
    }

    [Fact]
    public async Task An_account_that_may_not_hold_up_commits_is_told_what_it_needs()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int)");
        var user = $"few_{Guid.NewGuid():N}"[..20];
        await cluster.ExecuteAsync($"GRANT ALL ON {shop.Name}.* TO {user} IDENTIFIED BY 'few'");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: $"{shop.ConnectionString};User ID={user};Password=few").Backups.BackupAsync(shop.PathOf("backup.sql"), default));

        error.ErrorId.ShouldBe("BackupFailed");
        error.Message.ShouldEndWith("Grant the account RELOAD.");
        Directory.GetFiles(shop.Folder).ShouldBeEmpty();
        await cluster.ExecuteAsync($"DROP USER {user}");
    }

    [Fact]
    public async Task The_password_is_in_no_command_line_and_in_no_file_that_stays()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int); INSERT INTO orders SELECT seq FROM seq_1_to_300000");
        var backing = shop.Open().Backups.BackupAsync(shop.PathOf("backup.sql"), default);
        var lines = new List<string>();
        while (!backing.IsCompleted)
        {
            lines.AddRange(Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(CommandLine).Where(line => line.Contains("mariadb-dump", StringComparison.Ordinal)));
        }

        await backing;

        lines.ShouldContain(line => line.Contains("--defaults-file=", StringComparison.Ordinal));
        lines.ShouldNotContain(line => line.Contains(cluster.Password, StringComparison.Ordinal));
        var option = lines.First(line => line.Contains("--defaults-file=", StringComparison.Ordinal)).Split('\0').First(part => part.StartsWith("--defaults-file=", StringComparison.Ordinal))["--defaults-file=".Length..];
        File.Exists(option).ShouldBeFalse();
        Directory.Exists(Path.GetDirectoryName(option)).ShouldBeFalse();
    }

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static async Task WriteAsync(MariaDbShop shop, CancellationToken stop)
    {
        await using var connection = await shop.ConnectAsync();
        while (!stop.IsCancellationRequested)
        {
            foreach (var sql in new[] { "START TRANSACTION", "INSERT INTO a (x) VALUES (NEXTVAL(s))", "INSERT INTO b VALUES (LAST_INSERT_ID())", "COMMIT" })
            {
                await new MySqlCommand(sql, connection).ExecuteNonQueryAsync(CancellationToken.None);
            }
        }
    }
}
