using System.Security.Cryptography;
using System.Text;
using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using DeployOps.Migrations;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbBackupsTests(MariaDbCluster cluster)
{
    // What a dump and its restore write otherwise, and what a careless comparison would not see.
    private const string Shop = """
        CREATE TABLE customers (id int PRIMARY KEY AUTO_INCREMENT, name varchar(60) NOT NULL, UNIQUE KEY by_name (name)) CHARACTER SET latin1;
        INSERT INTO customers (name) VALUES ('Åsa'), ('Kim O''Neil'), ('back\\slash');
        CREATE TABLE `order lines` (id bigint PRIMARY KEY AUTO_INCREMENT, customer int, status enum('open', 'paid'), total decimal(10,2), twice decimal(12,2) AS (total * 2) PERSISTENT, half decimal(12,2) AS (total / 2) VIRTUAL,
            at timestamp DEFAULT CURRENT_TIMESTAMP, ratio double, few float, picture blob, mask bit(9), doc json, note mediumtext CHARACTER SET utf8mb4, hidden int INVISIBLE DEFAULT 7,
            CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id), CHECK (total >= 0), FULLTEXT KEY words (note), KEY by_status (status, total));
        INSERT INTO `order lines` (customer, status, total, ratio, few, picture, mask, doc, note)
            SELECT 1 + seq % 3, IF(seq % 2, 'open', 'paid'), seq, seq / 3e0, seq / 7e0, UNHEX(MD5(seq)), seq % 512, JSON_OBJECT('n', seq), IF(seq % 5, CONCAT('line ', seq, '\n\t\'"\\ 😀'), NULL) FROM seq_1_to_3000;
        CREATE TABLE parted (at date NOT NULL, what varchar(10)) PARTITION BY RANGE COLUMNS (at) (PARTITION p26 VALUES LESS THAN ('2027-01-01'), PARTITION rest VALUES LESS THAN MAXVALUE);
        INSERT INTO parted SELECT '2026-12-01' + INTERVAL seq DAY, 'x' FROM seq_1_to_100;
        CREATE TABLE twins (x int); INSERT INTO twins VALUES (1), (1), (2);
        CREATE TABLE empty (x int);
        CREATE TABLE prices (x int PRIMARY KEY, price int) WITH SYSTEM VERSIONING; INSERT INTO prices VALUES (1, 10); UPDATE prices SET price = 11;
        CREATE SEQUENCE numbers START WITH 100; SELECT NEXTVAL(numbers);
        CREATE VIEW base AS SELECT id, total FROM `order lines`;
        CREATE VIEW aa_paid AS SELECT l.id, l.total FROM base l WHERE l.total BETWEEN 1 AND 10;
        DELIMITER //
        CREATE FUNCTION doubled(a int) RETURNS int DETERMINISTIC BEGIN /* twice ; */ RETURN a * 2; END //
        CREATE PROCEDURE fill(n int) COMMENT 'fills' BEGIN DECLARE i int DEFAULT 0; WHILE i < n DO INSERT INTO empty VALUES (i); SET i = i + 1; END WHILE; END //
        CREATE TRIGGER first_shout BEFORE INSERT ON twins FOR EACH ROW BEGIN SET NEW.x = doubled(NEW.x); END //
        CREATE TRIGGER then_shout BEFORE INSERT ON twins FOR EACH ROW FOLLOWS first_shout BEGIN SET NEW.x = NEW.x + 1; END //
        CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'PRESERVE ENABLE' DO DELETE FROM empty //
        CREATE EVENT never ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM empty //
        DELIMITER ;
        """;

    // Each is a restore.
    private static readonly int Flips = Environment.GetEnvironmentVariable("DEPLOYOPS_FULL") == "1" ? 100 : 8;

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

        await using (var scratch = await MariaDbScratch.CreateAsync(Server(shop), MariaDbScratch.Verify, file, default))
        {
            await scratch.FillAsync(file, default);
            await Task.Delay(TimeSpan.FromSeconds(2.5));
            scratch.Events.ShouldBe(["tick"]);
            (await shop.ScalarAsync($"SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '{scratch.Name}'")).ShouldBe("DISABLED");
        }

        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("0");
    }

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

        await using (var scratch = await MariaDbScratch.CreateAsync(Server(shop), MariaDbScratch.Restore, file, default))
        {
            await scratch.FillAsync(file, default);
            foreach (var statement in sabotage.Split("; "))
            {
                await cluster.ExecuteAsync($"USE {scratch.Name}; {statement}");
            }

            await using var holder = before ? await LockAsync(scratch.Name) : null;
            await Should.ThrowAsync<MySqlException>(new MariaDbSwap(Server(shop), scratch).TakePlaceAsync(default));
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
        await using var scratch = await MariaDbScratch.CreateAsync(Server(shop), MariaDbScratch.Restore, file, default);
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
        await using (var scratch = await MariaDbScratch.CreateAsync(Server(shop), MariaDbScratch.Restore, file, default))
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

    [Fact]
    public async Task What_a_killed_run_left_is_dropped_by_the_next_and_what_another_uses_is_not()
    {
        await using var shop = await cluster.CreateAsync(Shop);
        await cluster.ExecuteAsync("CREATE DATABASE deployops_verify_0123456789ab");
        await cluster.ExecuteAsync("CREATE DATABASE deployops_verify_ba9876543210");
        await using var other = await shop.ConnectAsync();
        await new MySqlCommand($"SELECT GET_LOCK('{MariaDbRunnerLock.NameOf("deployops_verify_ba9876543210")}', 0)", other).ExecuteScalarAsync();
        var backups = shop.Open().Backups;
        var file = shop.PathOf("backup.sql");
        await backups.BackupAsync(file, default);

        await backups.ReadBackAsync(file, default);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'deployops_verify_0123456789ab'")).ShouldBe("0");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'deployops_verify_ba9876543210'")).ShouldBe("1");
        await cluster.ExecuteAsync("DROP DATABASE deployops_verify_ba9876543210");
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
    [InlineData(-100, " of its disk are free, and about ")]
    [InlineData(100, "No space left on device")]
    public async Task A_disk_that_is_too_small_is_told_before_and_one_that_becomes_full_meanwhile(int kilobytes, string words)
    {
        // Hexadecimal digits take twice the room of the rows.
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (x int, picture blob); INSERT INTO orders SELECT seq, REPEAT(CHAR(seq), 7900) FROM seq_1_to_250; ANALYZE TABLE orders");
        var size = long.Parse((await shop.ScalarAsync("SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"))!, System.Globalization.CultureInfo.InvariantCulture);
        using var disk = SmallDisk.Mount((int)(size / 1024) + kilobytes);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Backups.BackupAsync(disk.PathOf("backup.sql"), default));

        error.ErrorId.ShouldBe("BackupFailed");
        error.Message.ShouldContain(words);
        Directory.GetFiles(disk.Folder).ShouldBeEmpty();
        await shop.UntilAsync("SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()");
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

    private static bool IsSpace(byte one) => one is (byte)' ' or (byte)'\n';

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

    private static MariaDbServer Server(MariaDbShop shop) => MariaDbServer.Of(new DatabaseSpec { Name = "shop", Kind = "MariaDb", ConnectionString = shop.ConnectionString, BaseFolder = shop.Folder });

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

    // Other classes make no such databases, and the tests of this one run one after another.
    private static Task<string?> ScratchAsync(MariaDbShop shop) =>
        shop.ScalarAsync("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME REGEXP '^deployops_(verify|restore|replaced)_'");
}
