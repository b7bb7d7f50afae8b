using System.Diagnostics;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Backups;
using DeployOps.Gates;

namespace DeployOps.Adapters.Tests.Sqlite;

public sealed class SqliteBackupsTests
{
    // A copy page by page is what it was proven to be; it is not compared again.
    private static readonly DatabaseFingerprint Nothing = new("", []);

    // Between 51 and 99 KB.
    private const string Letters = "CREATE TABLE letters (words TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO letters SELECT 'dear customer ' || i FROM n";

    private const string Shop = """
        CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
        CREATE TABLE prices (item TEXT, day TEXT, price REAL, picture BLOB, PRIMARY KEY (item, day)) WITHOUT ROWID;
        CREATE VIRTUAL TABLE words USING fts5(text);
        CREATE TABLE doubled (x INTEGER, twice INTEGER GENERATED ALWAYS AS (x * 2), thrice INTEGER AS (x * 3) STORED);
        CREATE VIEW names AS SELECT name FROM customers;
        INSERT INTO customers (name) VALUES ('Kim'), ('Sam'), ('Sam'), (NULL);
        INSERT INTO prices VALUES ('tea', '2026-01-01', 2.5, x'000102'), ('tea', '2026-01-02', 2.6, NULL);
        INSERT INTO words VALUES ('green tea'), ('black tea');
        INSERT INTO doubled (x) VALUES (1), (2);
        """;

    [Fact]
    public async Task A_backup_reads_back_as_what_was_copied_and_leaves_no_scratch()
    {
        await using var folder = SqliteFolder.With(Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");

        var taken = await backups.BackupAsync(file, default);
        var restored = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, restored).Verdict.ShouldBe(GateVerdict.Pass);
        taken.Tables.Single(table => table.Name == "customers").Rows.ShouldBe(4);
        taken.Tables.Select(table => table.Name).ShouldBeSubsetOf(["customers", "prices", "doubled", "sqlite_sequence", "words_data", "words_idx", "words_content", "words_docsize", "words_config"]);
        taken.Tables.Count.ShouldBe(9);
        Directory.GetFiles(folder.Folder).Order().ShouldBe([file, folder.File]);
    }

    [Fact]
    public async Task A_backup_may_be_read_by_its_owner_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such bits.");
        await using var folder = SqliteFolder.With(Shop);
        var file = folder.PathOf("backup.db");

        await folder.Open().Backups.BackupAsync(file, default);

#pragma warning disable CA1416 // The test is skipped there.
        System.IO.File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
    }

    [Fact]
    public async Task A_backup_is_the_reported_state_while_others_go_on_writing()
    {
        await using var folder = SqliteFolder.With("PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY, x BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO orders (x) SELECT randomblob(1000) FROM n");
        using var stop = new CancellationTokenSource();
        long written = 0;
        var writer = Task.Run(() =>
        {
            using var connection = folder.Connect();
            while (!stop.IsCancellationRequested)
            {
                using var command = connection.CreateCommand();
                command.CommandText = "INSERT INTO orders (x) VALUES (randomblob(1000)); UPDATE orders SET x = randomblob(900) WHERE id = abs(random()) % 20000;";
                command.ExecuteNonQuery();
                Interlocked.Increment(ref written);
            }
        });
        var backups = folder.Open().Backups;

        // On a busy machine a backup can pass between two writes: such a one shows nothing, and another is taken.
        var disturbed = 0;
        for (var i = 0; i < 50 && disturbed < 3; i++)
        {
            var before = Interlocked.Read(ref written);
            var taken = await backups.BackupAsync(folder.PathOf($"backup{i}.db"), default);
            disturbed += Interlocked.Read(ref written) > before ? 1 : 0;
            var restored = await backups.ReadBackAsync(folder.PathOf($"backup{i}.db"), default);

            BackupComparison.Compare("backup", taken, restored).ToString().ShouldStartWith("Pass");
        }

        disturbed.ShouldBe(3);
        await stop.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task A_backup_with_a_rollback_journal_is_the_reported_state_too()
    {
        await using var folder = SqliteFolder.With("PRAGMA journal_mode = DELETE; CREATE TABLE orders (id INTEGER PRIMARY KEY, x BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO orders (x) SELECT randomblob(1000) FROM n");
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            using var connection = folder.Connect();
            while (!stop.IsCancellationRequested)
            {
                using var command = connection.CreateCommand();
                command.CommandText = "INSERT INTO orders (x) VALUES (randomblob(1000))";
                command.ExecuteNonQuery();
            }
        });
        var backups = folder.Open("Data Source=shop.db;Default Timeout=30").Backups;

        var taken = await backups.BackupAsync(folder.PathOf("backup.db"), default);
        await stop.CancelAsync();
        await writer;
        var restored = await backups.ReadBackAsync(folder.PathOf("backup.db"), default);

        BackupComparison.Compare("backup", taken, restored).ToString().ShouldStartWith("Pass");
    }

    [Fact]
    public async Task A_flipped_byte_in_a_value_is_found()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE letters (words TEXT); INSERT INTO letters VALUES ('dear customer')");
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        var bytes = await System.IO.File.ReadAllBytesAsync(file);
        bytes[bytes.AsSpan().IndexOf("dear customer"u8)] ^= 1;
        await System.IO.File.WriteAllBytesAsync(file, bytes);

        var restored = await backups.ReadBackAsync(file, default);

        BackupComparison.Compare("backup", taken, restored).Detail.ShouldBe("letters: 1 rows on both sides, contents differ");
    }

    [Theory]
    [InlineData(0, 5000)]
    [InlineData(40_000, 0)]
    public async Task A_backup_that_cannot_be_read_is_corrupt(int keep, int garbage)
    {
        await using var folder = SqliteFolder.With("CREATE TABLE letters (words TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO letters SELECT 'dear customer ' || i FROM n");
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        await backups.BackupAsync(file, default);
        var bytes = await System.IO.File.ReadAllBytesAsync(file);
        bytes.Length.ShouldBeGreaterThan(40_000);
        await System.IO.File.WriteAllBytesAsync(file, [.. bytes[..keep], .. Enumerable.Repeat((byte)'x', garbage)]);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupCorrupt");
        Directory.GetFiles(folder.Folder).Order().ShouldBe([file, folder.File]);
    }

    [Theory]
    // The backup, and once more to prove it.
    [InlineData(40)]
    [InlineData(100)]
    public async Task A_disk_without_room_for_a_backup_and_its_proof_is_told_before(int kilobytes)
    {
        using var disk = SmallDisk.Mount(kilobytes);
        await using var folder = SqliteFolder.With(Letters);
        new FileInfo(folder.File).Length.ShouldBeInRange(51_000, 99_000);
        var file = disk.PathOf("backup.db");

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Backups.BackupAsync(file, default));

        error.ErrorId.ShouldBe("BackupFailed");
        error.Message.ShouldContain(file);
        error.Message.ShouldContain(" of its disk are free, and about ");
        Directory.GetFiles(disk.Folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(130_000, "database or disk is full")]
    [InlineData(160_000, " KiB of 240 KiB of its disk are free, and about ")]
    public async Task A_disk_that_others_filled_since_the_backup_says_nothing_against_it(int bytes, string words)
    {
        using var disk = SmallDisk.Mount(240);
        await using var folder = SqliteFolder.With(Letters);
        var backups = folder.Open().Backups;
        var file = disk.PathOf("backup.db");
        await backups.BackupAsync(file, default);
        await System.IO.File.WriteAllBytesAsync(disk.PathOf("other"), new byte[bytes]);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.ReadBackAsync(file, default));

        error.ErrorId.ShouldBe("BackupScratchFailed");
        error.Message.ShouldContain("could not be restored into a scratch place beside it: ");
        error.Message.ShouldContain(words);
        error.Message.ShouldEndWith(" Then take another backup: this one is not proven.");
        Directory.GetFiles(disk.Folder).Order().ShouldBe([file, disk.PathOf("other")]);
    }

    [Fact]
    public async Task A_backup_that_is_gone_is_corrupt()
    {
        await using var folder = SqliteFolder.With(Shop);

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Backups.ReadBackAsync(folder.PathOf("gone.db"), default));

        error.ErrorId.ShouldBe("BackupCorrupt");
    }

    [Fact]
    public async Task A_cancelled_backup_leaves_no_file()
    {
        await using var folder = SqliteFolder.With(Shop);
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(folder.Open().Backups.BackupAsync(folder.PathOf("backup.db"), stop.Token));

        Directory.GetFiles(folder.Folder).ShouldBe([folder.File]);
    }

    [Fact]
    public async Task A_backup_into_a_folder_that_is_not_there_fails()
    {
        await using var folder = SqliteFolder.With(Shop);

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Backups.BackupAsync(folder.PathOf("missing/backup.db"), default));

        error.ErrorId.ShouldBe("BackupFailed");
    }

    [Theory]
    [InlineData("WAL", "WAL")]
    [InlineData("WAL", "DELETE")]
    [InlineData("DELETE", "WAL")]
    [InlineData("DELETE", "DELETE")]
    public async Task A_restore_replaces_everything_also_for_those_who_have_it_open(string before, string after)
    {
        await using var folder = SqliteFolder.With($"PRAGMA journal_mode = {before};" + Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        folder.Execute($"PRAGMA journal_mode = {after}; DROP VIEW names; DROP TABLE prices; UPDATE customers SET name = 'lost'; CREATE TABLE later (x); INSERT INTO later SELECT randomblob(5000) FROM customers");
        await using var reader = folder.Connect();
        using var command = reader.CreateCommand();
        command.CommandText = "SELECT group_concat(name) FROM customers";
        command.ExecuteScalar().ShouldBe("lost,lost,lost,lost");

        await backups.RestoreAsync(file, Nothing, default);
        await backups.RestoreAsync(file, Nothing, default);

        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
        command.ExecuteScalar().ShouldBe("Kim,Sam,Sam");
        folder.HasTable("later").ShouldBeFalse();
        folder.Scalar("PRAGMA integrity_check").ShouldBe("ok");
    }

    [Fact]
    public async Task A_database_that_was_deleted_is_restored()
    {
        await using var folder = SqliteFolder.With(Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        System.IO.File.Delete(folder.File);

        await backups.RestoreAsync(file, Nothing, default);

        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
    }

    [Theory]
    [InlineData("WAL", true)]
    [InlineData("DELETE", true)]
    [InlineData("WAL", false)]
    [InlineData("DELETE", false)]
    public async Task Who_was_taken_over_before_the_first_page_is_copied_writes_none(string journal, bool isCounted)
    {
        await using var folder = SqliteFolder.With($"PRAGMA journal_mode = {journal};" + Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        folder.Execute("DELETE FROM customers WHERE name = 'Kim'");
        var agreed = isCounted ? new AgreedLoss(await backups.FingerprintAsync(taken, default)) : null;

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, Restores.TakenOverAt(1, agreed), default));

        error.ErrorId.ShouldBe("EpochStale");
        folder.Scalar("SELECT count(*) FROM customers").ShouldBe(3L);
        folder.Execute("UPDATE customers SET name = 'new'");
        await backups.RestoreAsync(file, taken, Restores.TakenOverAt(2), default);
        folder.Scalar("SELECT count(*) FROM customers").ShouldBe(4L);
    }

    [Theory]
    [InlineData("WAL")]
    [InlineData("DELETE")]
    public async Task What_was_written_after_it_was_counted_is_not_lost(string journal)
    {
        await using var folder = SqliteFolder.With($"PRAGMA journal_mode = {journal};" + Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        var counted = await backups.FingerprintAsync(taken, default);
        folder.Execute("UPDATE customers SET name = 'new'");
        await using var reader = folder.Connect();
        using var command = reader.CreateCommand();
        command.CommandText = "SELECT count(*) FROM customers WHERE name = 'new'";
        command.ExecuteScalar().ShouldBe(4L);

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, taken, counted, default));
        var kept = command.ExecuteScalar();
        folder.Execute("UPDATE customers SET name = 'newer' WHERE rowid = 1");
        await backups.RestoreAsync(file, taken, await backups.FingerprintAsync(taken, default), default);

        error.ErrorId.ShouldBe("RestoreLosesMore");
        error.Message.ShouldContain("shop.db.customers has 4 rows as then, but not the same ones.");
        error.Message.ShouldContain(" It is as it was before.");
        kept.ShouldBe(4L);
        command.ExecuteScalar().ShouldBe(0L);
        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
    }

    [Theory]
    [InlineData("WAL")]
    [InlineData("DELETE")]
    public async Task Whoever_accepts_later_losses_too_is_told_of_them_and_by_whom(string journal)
    {
        await using var folder = SqliteFolder.With($"PRAGMA journal_mode = {journal};" + Shop);
        var backups = folder.Open().Backups;
        var file = folder.PathOf("backup.db");
        var taken = await backups.BackupAsync(file, default);
        var counted = await backups.FingerprintAsync(taken, default);
        folder.Execute("DELETE FROM customers WHERE name = 'Kim'");
        using var holder = Process.Start(new ProcessStartInfo("sh", ["-c", "exec 9<\"$0\"; echo open; exec sleep 60", folder.File]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        await holder.StandardOutput.ReadLineAsync();

        string told;
        try
        {
            told = await backups.RestoreAsync(file, taken, counted, default, alsoLater: true);
        }
        finally
        {
            holder.Kill();
        }

        told.ShouldMatch($@"^what was written while it was restored is lost too, as was accepted: shop\.db\.customers has 3 rows, 4 then\. Connected to it: (sh|sleep) \(process {holder.Id}\)\.$");
        BackupComparison.Compare("restore", taken, await backups.FingerprintAsync(default)).ToString().ShouldStartWith("Pass");
    }

    [Fact]
    public async Task A_restore_that_somebody_keeps_from_writing_fails_and_changes_nothing()
    {
        await using var folder = SqliteFolder.With(Shop);
        var backups = folder.Open("Data Source=shop.db;Default Timeout=1").Backups;
        var file = folder.PathOf("backup.db");
        await backups.BackupAsync(file, default);
        folder.Execute("UPDATE customers SET name = 'new'");
        await using var writer = folder.Connect();
        using var hold = writer.BeginTransaction();

        var error = await Should.ThrowAsync<DeployOpsException>(backups.RestoreAsync(file, Nothing, default));

        error.ErrorId.ShouldBe("RestoreFailed");
        await hold.RollbackAsync();
        folder.Scalar("SELECT count(*) FROM customers WHERE name = 'new'").ShouldBe(4L);
    }

    [Fact]
    public async Task Values_of_different_type_and_rows_that_are_there_twice_are_told_apart()
    {
        string[] contents =
        [
            "('1', NULL)", "(1, NULL)", "(1.0, NULL)", "(x'31', NULL)", "(NULL, '1')", "('a', 'bc')", "('ab', 'c')", "('', NULL)",
            "('a', 1), ('a', 1)", "('b', 1), ('b', 1)", "('a', 1), ('a', 1), ('b', 1), ('b', 1)",
        ];
        var seen = new HashSet<(long, string)>();
        foreach (var content in contents)
        {
            await using var folder = SqliteFolder.With($"CREATE TABLE t (a, b, rowid, _rowid_, oid); INSERT INTO t (a, b) VALUES {content}");
            var fingerprint = await folder.Open().Backups.FingerprintAsync(default);
            var table = fingerprint.Tables.ShouldHaveSingleItem();
            seen.Add((table.Rows, table.Hash)).ShouldBeTrue(content);
        }
    }

    [Fact]
    public async Task The_order_in_which_rows_were_written_does_not_matter()
    {
        await using var one = SqliteFolder.With("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        await using var other = SqliteFolder.With("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (3, 'c'), (1, 'a'), (2, 'b')");

        var first = await one.Open().Backups.FingerprintAsync(default);
        var second = await other.Open().Backups.FingerprintAsync(default);

        second.Tables.Select(table => (table.Name, table.Rows, table.Hash)).ShouldBe(first.Tables.Select(table => (table.Name, table.Rows, table.Hash)));
        second.Schema.ShouldBe(first.Schema);
    }

    [Theory]
    [InlineData("ALTER TABLE customers ADD COLUMN status TEXT NOT NULL DEFAULT 'new'", true)]
    [InlineData("ALTER TABLE customers ADD COLUMN rowid TEXT DEFAULT 'a name of its own'", true)]
    [InlineData("ALTER TABLE prices ADD COLUMN currency TEXT; UPDATE prices SET currency = 'EUR'", true)]
    [InlineData("ALTER TABLE customers ADD COLUMN status TEXT; UPDATE customers SET name = 'Kay' WHERE name = 'Kim'", false)]
    [InlineData("ALTER TABLE customers RENAME COLUMN name TO called", true)]
    [InlineData("ALTER TABLE prices DROP COLUMN picture", false)]
    public async Task By_the_columns_of_a_backup_a_table_that_got_another_one_is_the_same(string migration, bool isSame)
    {
        await using var folder = SqliteFolder.With(Shop);
        var backups = folder.Open().Backups;
        var taken = await backups.BackupAsync(folder.PathOf("backup.db"), default);
        folder.Execute(migration);

        var like = await backups.FingerprintAsync(taken, default);
        var whole = await backups.FingerprintAsync(default);

        var hashes = taken.Tables.Select(table => (table.Name, table.Hash)).ToList();
        (string.Join('\n', like.Tables.Select(table => (table.Name, table.Hash))) == string.Join('\n', hashes)).ShouldBe(isSame);
        BackupComparison.Compare("restore", taken, whole).Verdict.ShouldBe(GateVerdict.Fail, "the proof of a restore looks at every column");
    }

    [Fact]
    public async Task Columns_that_a_backup_does_not_have_are_counted()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)");
        var backups = folder.Open().Backups;
        var taken = await backups.BackupAsync(folder.PathOf("backup.db"), default);
        folder.Execute("ALTER TABLE orders ADD COLUMN status TEXT NOT NULL DEFAULT 'new'; ALTER TABLE orders ADD COLUMN note; ALTER TABLE orders ADD COLUMN empty INT; ALTER TABLE orders ADD COLUMN twice INT AS (id * 2); UPDATE orders SET note = id WHERE id > 1");

        var live = await backups.FingerprintAsync(taken, default);

        live.Tables.Single().Added.ShouldBe([new("status", 3, true), new("note", 2, false), new("empty", 0, true)]);
        taken.Tables.Single().Added.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_backup_says_which_columns_it_was_read_by()
    {
        await using var folder = SqliteFolder.With(Shop);

        var fingerprint = await folder.Open().Backups.FingerprintAsync(default);

        fingerprint.Tables.Single(table => table.Name == "doubled").Columns.ShouldBe(["x", "thrice"]);
        fingerprint.Tables.Single(table => table.Name == "prices").Columns.ShouldBe(["item", "day", "price", "picture"]);
    }

    [Fact]
    public async Task A_schema_that_differs_by_white_space_is_the_same_and_one_by_an_index_is_not()
    {
        await using var one = SqliteFolder.With("CREATE TABLE t (a TEXT)");
        await using var spaced = SqliteFolder.With("CREATE TABLE t (\n  a   TEXT -- a remark\n)");
        await using var indexed = SqliteFolder.With("CREATE TABLE t (a TEXT); CREATE INDEX i ON t (a)");

        var schema = (await one.Open().Backups.FingerprintAsync(default)).Schema;

        (await spaced.Open().Backups.FingerprintAsync(default)).Schema.ShouldBe(schema);
        (await indexed.Open().Backups.FingerprintAsync(default)).Schema.ShouldNotBe(schema);
    }
}
