using System.Diagnostics;
using DeployOps.Adapters.Sqlite;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.Sqlite;

public sealed class SqliteMigrationsTests
{
    private const string Endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;";

    [Fact]
    public async Task A_script_and_its_history_row_are_there_together()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var script = SqliteFolder.Script("2_4_0_1__add_orders_status", "ALTER TABLE orders ADD COLUMN status TEXT;\nINSERT INTO orders (status) VALUES ('open; paid');");
        var migrations = folder.Open().Migrations;

        await migrations.ApplyAsync(script, "kim in shop-2.4.0-1", default);

        var row = (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem();
        row.Version.ToString().ShouldBe("2.4.0.1");
        row.Description.ShouldBe("add orders status");
        row.Checksum.ShouldBe(script.Checksum);
        row.AppliedBy.ShouldBe("kim in shop-2.4.0-1");
        row.AppliedAt.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        folder.Scalar("SELECT status FROM orders").ShouldBe("open; paid");
    }

    [Fact]
    public async Task A_script_of_many_statements_takes_the_time_of_its_statements()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)");
        var script = SqliteFolder.Script("1__many", string.Concat(Enumerable.Range(1, 40_000).Select(id => $"INSERT INTO orders VALUES ({id}, '{new string('x', 60)}');\n")));
        var watch = Stopwatch.StartNew();

        await folder.Open().Migrations.ApplyAsync(script, "kim", default);

        TestContext.Current.SendDiagnosticMessage("40,000 statements in {0:0.0} s", watch.Elapsed.TotalSeconds);
        folder.Scalar("SELECT count(*) FROM orders").ShouldBe(40_000L);
        // Where each looks over what is left of the script it takes minutes.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_long_script_is_not_in_memory_while_it_runs()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)");
        await System.IO.File.WriteAllLinesAsync(folder.PathOf("V1__long.sql"), Enumerable.Range(1, 96).Select(id => $"INSERT INTO orders VALUES ({id}, '{new string('x', 1 << 20)}');"));
        var script = (await MigrationFolder.LoadAsync(folder.Folder, default)).Single();
        var memory = new Memory();

        await folder.Open().Migrations.ApplyAsync(script, "kim", memory, default);

        TestContext.Current.SendDiagnosticMessage("96 MiB of script, {0:0.0} MiB more in memory at its middle", memory.Grown / 1048576.0);
        folder.Scalar("SELECT count(*) FROM orders").ShouldBe(96L);
        memory.Grown.ShouldBeLessThan(48L << 20);
    }

    // What is reachable at a statement in the middle, beyond what was before the script.
    private sealed class Memory : IMigrationObserver
    {
        private readonly long before = GC.GetTotalMemory(forceFullCollection: true);

        internal long Grown { get; private set; } = long.MaxValue;

        public void Progress(MigrationProgress progress)
        {
        }

        public void Ended(MigrationEvidence evidence)
        {
        }

        public void Did(StatementTrace statement) => Grown = statement.Number == 48 ? GC.GetTotalMemory(forceFullCollection: true) - before : Grown;
    }

    [Fact]
    public async Task Reading_the_history_of_a_new_database_answers_nothing_and_changes_no_byte()
    {
        await using var folder = SqliteFolder.With("PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var before = await System.IO.File.ReadAllBytesAsync(folder.File);

        var history = await folder.Open().Migrations.ReadHistoryAsync(default);

        history.ShouldBeEmpty();
        (await System.IO.File.ReadAllBytesAsync(folder.File)).ShouldBe(before);
        Directory.GetFiles(folder.Folder).ShouldBe([folder.File]);
    }

    [Fact]
    public async Task Reading_leaves_a_WAL_that_a_killed_process_left_as_it_is()
    {
        await using var folder = SqliteFolder.With("PRAGMA journal_mode = WAL; CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        Directory.CreateDirectory(folder.PathOf("image"));
        await using (var killed = folder.Connect())
        {
            using var command = killed.CreateCommand();
            command.CommandText = "INSERT INTO orders VALUES (1)";
            command.ExecuteNonQuery();
            System.IO.File.Copy(folder.File, folder.PathOf("image/shop.db"));
            System.IO.File.Copy(folder.File + "-wal", folder.PathOf("image/shop.db-wal"));
        }

        var database = await System.IO.File.ReadAllBytesAsync(folder.PathOf("image/shop.db"));
        var wal = await System.IO.File.ReadAllBytesAsync(folder.PathOf("image/shop.db-wal"));

        var fingerprint = await folder.Open("Data Source=image/shop.db").Backups.FingerprintAsync(default);

        fingerprint.Tables.ShouldHaveSingleItem().Rows.ShouldBe(1);
        wal.ShouldNotBeEmpty();
        (await System.IO.File.ReadAllBytesAsync(folder.PathOf("image/shop.db"))).ShouldBe(database);
        (await System.IO.File.ReadAllBytesAsync(folder.PathOf("image/shop.db-wal"))).ShouldBe(wal);
    }

    [Fact]
    public async Task A_missing_database_is_named_and_not_made()
    {
        await using var folder = new SqliteFolder();

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Migrations.ReadHistoryAsync(default));

        error.ErrorId.ShouldBe("DatabaseUnreachable");
        error.Message.ShouldContain(folder.File);
        System.IO.File.Exists(folder.File).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=shop;Mode=Memory")]
    [InlineData("Data Source=file::memory:")]
    [InlineData("Default Timeout=3")]
    public async Task A_database_that_is_no_file_is_refused(string connectionString)
    {
        await using var folder = new SqliteFolder();

        var error = Should.Throw<DeployOpsException>(() => folder.Open(connectionString));

        error.ErrorId.ShouldBe("DatabaseNotAFile");
    }

    [Fact]
    public async Task A_connection_string_that_cannot_be_read_is_refused_without_repeating_it()
    {
        await using var folder = new SqliteFolder();

        var error = Should.Throw<DeployOpsException>(() => folder.Open("Data Source=shop.db;Pasword=hunter2"));

        error.ErrorId.ShouldBe("DatabaseConnectionStringInvalid");
        error.ToString().ShouldNotContain("hunter2");
    }

    [Fact]
    public async Task A_failing_statement_is_told_with_its_line_and_nothing_of_the_script_is_left()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var script = SqliteFolder.Script("1__broken", "CREATE TABLE a (x);\n\n-- the next one\n-- fails\nINSERT INTO missing VALUES (1);\nCREATE TABLE b (x);");
        var migrations = folder.Open().Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("V1__broken.sql:5: no such table: missing");
        folder.HasTable("a").ShouldBeFalse();
        folder.HasTable("deployops_history").ShouldBeFalse();
    }

    [Fact]
    public async Task The_failing_statement_is_found_in_text_beyond_ASCII()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (name TEXT NOT NULL)");
        var script = SqliteFolder.Script("1__broken", "INSERT INTO orders VALUES ('Größe\nüber');\nINSERT INTO orders VALUES (NULL);");

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Migrations.ApplyAsync(script, "kim", default));

        error.Message.ShouldContain("V1__broken.sql:3: NOT NULL constraint failed");
    }

    [Fact]
    public async Task A_script_that_failed_is_applied_once_it_is_corrected()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var migrations = folder.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(SqliteFolder.Script("1__a", "CREATE TABLE a (x); SELECT nothing;"), "kim", default));

        await migrations.ApplyAsync(SqliteFolder.Script("1__a", "CREATE TABLE a (x);"), "kim", default);

        folder.HasTable("a").ShouldBeTrue();
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_conflict_that_rolls_back_on_its_own_leaves_nothing_either()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1)");
        var script = SqliteFolder.Script("1__broken", "CREATE TABLE a (x);\nINSERT OR ROLLBACK INTO orders VALUES (1);\nCREATE TABLE b (x);");

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Migrations.ApplyAsync(script, "kim", default));

        error.Message.ShouldContain("V1__broken.sql:2: UNIQUE constraint failed");
        folder.HasTable("a").ShouldBeFalse();
        folder.HasTable("b").ShouldBeFalse();
    }

    [Fact]
    public async Task A_script_that_would_end_its_transaction_is_refused_before_it_runs()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var script = SqliteFolder.Script("1__commits", "CREATE TABLE a (x);\nCOMMIT;\nCREATE TABLE b (x);");

        var error = await Should.ThrowAsync<DeployOpsException>(() => folder.Open().Migrations.ApplyAsync(script, "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptUnsupported");
        folder.HasTable("a").ShouldBeFalse();
    }

    [Fact]
    public async Task The_body_of_a_trigger_is_one_statement()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER); CREATE TABLE log (words TEXT)");
        var script = SqliteFolder.Script("1__trigger", """
            CREATE TRIGGER told AFTER INSERT ON orders BEGIN
                INSERT INTO log VALUES (CASE WHEN new.total > 10 THEN 'big; END' ELSE 'small' END);
                INSERT INTO log VALUES ('end');
            END;
            INSERT INTO orders (total) VALUES (11);
            """);

        await folder.Open().Migrations.ApplyAsync(script, "kim", default);

        folder.Scalar("SELECT group_concat(words) FROM log").ShouldBe("big; END,end");
    }

    [Fact]
    public async Task What_was_planned_by_a_history_that_another_run_went_on_with_is_refused()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE log (words TEXT)");
        var (mine, theirs) = (folder.Open().Migrations, folder.Open().Migrations);
        await mine.ReadHistoryAsync(default);
        await mine.ApplyAsync(SqliteFolder.Script("1__a", "INSERT INTO log VALUES ('a');"), "kim", default);
        await theirs.ApplyAsync(SqliteFolder.Script("3__c", "INSERT INTO log VALUES ('c');"), "sam", default);

        var error = await Should.ThrowAsync<DeployOpsException>(mine.ApplyAsync(SqliteFolder.Script("2__b", "INSERT INTO log VALUES ('b');"), "kim", default));

        error.ErrorId.ShouldBe("MigrationHistoryChanged");
        folder.Scalar("SELECT group_concat(words) FROM log").ShouldBe("a,c");
    }

    [Fact]
    public async Task A_version_is_applied_once()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE log (words TEXT)");
        var script = SqliteFolder.Script("2_4__log", "INSERT INTO log VALUES ('once');");
        var migrations = folder.Open().Migrations;
        await migrations.ApplyAsync(script, "kim", default);

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(SqliteFolder.Script("2.4.0__log", script.Sql), "kim", default));

        error.ErrorId.ShouldBe("MigrationAlreadyApplied");
        folder.Scalar("SELECT count(*) FROM log").ShouldBe(1L);
    }

    [Fact]
    public async Task An_undo_takes_the_effect_and_the_row_away()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var migrations = folder.Open().Migrations;
        await migrations.ApplyAsync(SqliteFolder.Script("1__a", "CREATE TABLE a (x);"), "kim", default);
        await migrations.ApplyAsync(SqliteFolder.Script("2__b", "CREATE TABLE b (x);"), "kim", default);

        await migrations.RevertAsync(SqliteFolder.Undo("2__b", "DROP TABLE b;"), default);

        folder.HasTable("b").ShouldBeFalse();
        (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem().Version.ToString().ShouldBe("1");
    }

    [Fact]
    public async Task An_undo_that_fails_leaves_the_effect_and_the_row()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var migrations = folder.Open().Migrations;
        await migrations.ApplyAsync(SqliteFolder.Script("1__a", "CREATE TABLE a (x);"), "kim", default);

        await Should.ThrowAsync<DeployOpsException>(migrations.RevertAsync(SqliteFolder.Undo("1__a", "DROP TABLE a; DROP TABLE a;"), default));

        folder.HasTable("a").ShouldBeTrue();
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_was_not_applied_cannot_be_undone()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE a (x)");

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Migrations.RevertAsync(SqliteFolder.Undo("1__a", "DROP TABLE a;"), default));

        error.ErrorId.ShouldBe("MigrationNotApplied");
        folder.HasTable("a").ShouldBeTrue();
    }

    [Fact]
    public async Task A_table_that_others_point_to_can_be_rebuilt()
    {
        await using var folder = SqliteFolder.With("""
            CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id) ON DELETE CASCADE);
            INSERT INTO customers VALUES (1, 'Kim'); INSERT INTO orders VALUES (1, 1);
            """);
        var script = SqliteFolder.Script("1__rebuild", """
            CREATE TABLE customers_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
            INSERT INTO customers_new SELECT id, name FROM customers;
            DROP TABLE customers;
            ALTER TABLE customers_new RENAME TO customers;
            """);

        await folder.Open("Data Source=shop.db;Foreign Keys=True").Migrations.ApplyAsync(script, "kim", default);

        folder.Scalar("SELECT count(*) FROM orders").ShouldBe(1L);
        folder.Scalar("PRAGMA foreign_key_check").ShouldBeNull();
    }

    [Fact]
    public async Task New_orphans_fail_the_script_with_sample_rows()
    {
        await using var folder = SqliteFolder.With("""
            CREATE TABLE customers (id INTEGER PRIMARY KEY);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id));
            INSERT INTO customers VALUES (1); INSERT INTO orders VALUES (7, 1);
            """);

        var error = await Should.ThrowAsync<DeployOpsException>(
            folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__clean", "DELETE FROM customers;"), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("orders: 1 rows point to a row that does not exist, such as row 7 -> customers");
        folder.Scalar("SELECT count(*) FROM customers").ShouldBe(1L);
    }

    [Fact]
    public async Task Orphans_that_were_there_before_stop_nobody_also_when_their_table_is_renamed()
    {
        await using var folder = SqliteFolder.With("""
            PRAGMA foreign_keys = OFF;
            CREATE TABLE customers (id INTEGER PRIMARY KEY);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id));
            INSERT INTO orders VALUES (7, 99);
            """);

        await folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__rename", "ALTER TABLE orders RENAME TO sales;"), "kim", default);

        folder.HasTable("sales").ShouldBeTrue();
    }

    // So much is changed that with a rollback journal the file is written to before the end, and nobody is shown any more what was there.
    [Theory]
    [InlineData("WAL", 2, null)]
    [InlineData("WAL", 1, "orders: 3 rows point to a row that does not exist")]
    [InlineData("DELETE", 2, null)]
    [InlineData("DELETE", 1, "orders: 3 rows point to a row that does not exist")]
    public async Task Orphans_that_were_there_before_are_told_from_new_ones_also_behind_a_large_change(string journal, int customer, string? words)
    {
        await using var folder = SqliteFolder.With($"""
            PRAGMA journal_mode = {journal}; PRAGMA foreign_keys = OFF;
            CREATE TABLE customers (id INTEGER PRIMARY KEY); INSERT INTO customers VALUES (1), (2);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id)); INSERT INTO orders VALUES (1, 98), (2, 99), (3, 1);
            CREATE TABLE pictures (picture BLOB);
            """);
        var sql = $"INSERT INTO pictures WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000) SELECT randomblob(4000) FROM n;\nDELETE FROM customers WHERE id = {customer};";

        var error = await Record.ExceptionAsync(() => folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__large", sql), "kim", default));

        (error?.Message ?? "").ShouldContain(words ?? "");
        (error is null).ShouldBe(words is null, error?.ToString());
        folder.Scalar("SELECT count(*) FROM pictures").ShouldBe(words is null ? 4000L : 0L);
    }

    [Fact]
    public async Task One_orphan_healed_does_not_hide_one_made_elsewhere()
    {
        await using var folder = SqliteFolder.With("""
            PRAGMA foreign_keys = OFF;
            CREATE TABLE customers (id INTEGER PRIMARY KEY); INSERT INTO customers VALUES (1);
            CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id)); INSERT INTO orders VALUES (1, 99);
            CREATE TABLE letters (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customers (id)); INSERT INTO letters VALUES (1, 1);
            """);

        var error = await Should.ThrowAsync<DeployOpsException>(
            folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__swap", "DELETE FROM orders; UPDATE letters SET customer = 98;"), "kim", default));

        error.Message.ShouldContain("letters: 1 rows");
    }

    [Fact]
    public async Task Cancelling_stops_a_long_query_within_a_second_and_leaves_nothing()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var migrations = folder.Open().Migrations;
        using var stop = new CancellationTokenSource();
        var running = migrations.ApplyAsync(SqliteFolder.Script("1__long", "CREATE TABLE a (x); " + Endless), "kim", stop.Token);
        await UntilWriterHolds(folder);
        var watch = Stopwatch.StartNew();

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(running);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        folder.HasTable("a").ShouldBeFalse();
        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_script_that_takes_too_long_is_stopped_and_leaves_nothing()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var migrations = folder.Open(scriptTimeout: TimeSpan.FromMilliseconds(300)).Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(SqliteFolder.Script("1__long", "CREATE TABLE a (x); " + Endless), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptTimeout");
        folder.HasTable("a").ShouldBeFalse();
    }

    [Fact]
    public async Task Closing_the_database_in_the_middle_of_a_script_leaves_nothing_of_it()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        var database = folder.Open();
        var running = database.Migrations.ApplyAsync(SqliteFolder.Script("1__long", "CREATE TABLE a (x); " + Endless), "kim", default);
        await UntilWriterHolds(folder);

        await database.DisposeAsync();

        running.IsCompleted.ShouldBeTrue();
        await Should.ThrowAsync<OperationCanceledException>(running);
        folder.HasTable("a").ShouldBeFalse();
    }

    [Theory]
    [InlineData("WAL")]
    [InlineData("DELETE")]
    public async Task What_a_killed_process_leaves_on_the_disk_shows_nothing_of_its_script(string journalMode)
    {
        await using var folder = SqliteFolder.With($"PRAGMA journal_mode = {journalMode}; CREATE TABLE orders (id INTEGER PRIMARY KEY, x BLOB)");
        const string Much = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO orders (x) SELECT randomblob(2000) FROM n; CREATE TABLE a (x); ";
        using var stop = new CancellationTokenSource();
        var running = folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__long", Much + Endless), "kim", stop.Token);
        await UntilSpilled(folder);

        var image = Directory.CreateDirectory(folder.PathOf("image")).FullName;
        foreach (var path in Directory.GetFiles(folder.Folder, "shop.db*").Where(path => !path.EndsWith("-shm", StringComparison.Ordinal) && !path.EndsWith(".lock", StringComparison.Ordinal)))
        {
            System.IO.File.Copy(path, Path.Combine(image, Path.GetFileName(path)));
        }

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);

        var found = folder.Open("Data Source=image/shop.db").Migrations;
        (await found.ReadHistoryAsync(default)).ShouldBeEmpty();
        folder.Scalar("SELECT count(*) FROM orders", Path.Combine(image, "shop.db")).ShouldBe(0L);
        await found.ApplyAsync(SqliteFolder.Script("1__long", "CREATE TABLE a (x);"), "kim", default);
        folder.Scalar("PRAGMA integrity_check", Path.Combine(image, "shop.db")).ShouldBe("ok");
    }

    [Fact]
    public async Task A_second_runner_is_refused_with_the_holder()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        using var stop = new CancellationTokenSource();
        var running = folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__long", Endless), "kim", stop.Token);
        await UntilWriterHolds(folder);

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("2__b", "CREATE TABLE b (x);"), "sam", default));

        error.ErrorId.ShouldBe("MigrationBusy");
        error.Message.ShouldContain($"process {Environment.ProcessId} ");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    [Fact]
    public async Task A_writer_that_holds_on_makes_the_database_busy_after_the_time_of_the_connection_string()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        await using var writer = folder.Connect();
        using var hold = writer.BeginTransaction();
        var watch = Stopwatch.StartNew();

        var error = await Should.ThrowAsync<DeployOpsException>(
            folder.Open("Data Source=shop.db;Default Timeout=1").Migrations.ApplyAsync(SqliteFolder.Script("1__a", "CREATE TABLE a (x);"), "kim", default));

        error.ErrorId.ShouldBe("DatabaseBusy");
        watch.Elapsed.ShouldBeInRange(TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_reader_that_holds_on_at_the_commit_makes_the_database_busy_and_not_the_script_wrong()
    {
        await using var folder = SqliteFolder.With("PRAGMA journal_mode = DELETE; CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1)");
        await using var reader = folder.Connect();
        using var hold = reader.BeginTransaction(deferred: true);
        using var look = reader.CreateCommand();
        look.CommandText = "SELECT count(*) FROM orders";
        look.ExecuteScalar().ShouldBe(1L);

        var error = await Should.ThrowAsync<DeployOpsException>(
            folder.Open("Data Source=shop.db;Default Timeout=1").Migrations.ApplyAsync(SqliteFolder.Script("1__a", "CREATE TABLE a (x);"), "kim", default));

        error.ErrorId.ShouldBe("DatabaseBusy");
    }

    [Fact]
    public async Task Waiting_for_a_busy_database_can_be_cancelled()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        await using var writer = folder.Connect();
        using var hold = writer.BeginTransaction();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var watch = Stopwatch.StartNew();

        await Should.ThrowAsync<OperationCanceledException>(
            folder.Open("Data Source=shop.db;Default Timeout=60").Migrations.ApplyAsync(SqliteFolder.Script("1__a", "CREATE TABLE a (x);"), "kim", stop.Token));

        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told_so()
    {
        await using var folder = new SqliteFolder();
        await System.IO.File.WriteAllTextAsync(folder.File, new string('x', 5000));

        var error = await Should.ThrowAsync<DeployOpsException>(folder.Open().Migrations.ReadHistoryAsync(default));

        error.ErrorId.ShouldBe("DatabaseReadFailed");
        error.Message.ShouldContain("not a database");
    }

    [Fact]
    public async Task Two_names_of_one_database_share_its_lock()
    {
        await using var folder = SqliteFolder.With("CREATE TABLE orders (id INTEGER PRIMARY KEY)");
        System.IO.File.CreateSymbolicLink(folder.PathOf("link.db"), folder.File);
        using var stop = new CancellationTokenSource();
        var running = folder.Open().Migrations.ApplyAsync(SqliteFolder.Script("1__long", Endless), "kim", stop.Token);
        await UntilWriterHolds(folder);

        var error = await Should.ThrowAsync<DeployOpsException>(
            folder.Open("Data Source=link.db").Migrations.ApplyAsync(SqliteFolder.Script("2__b", "CREATE TABLE b (x);"), "sam", default));

        error.ErrorId.ShouldBe("MigrationBusy");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    // The script runs once another connection cannot begin to write any more.
    private static Task UntilWriterHolds(SqliteFolder folder) => Until(() =>
    {
        using var connection = folder.Connect();
        return SQLitePCL.raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE") == SQLitePCL.raw.SQLITE_BUSY;
    });

    private static Task UntilSpilled(SqliteFolder folder) => Until(() =>
        Directory.GetFiles(folder.Folder, "shop.db*").Any(path => !path.EndsWith("-shm", StringComparison.Ordinal) && new FileInfo(path).Length > 4_000_000));

    private static async Task Until(Func<bool> condition)
    {
        for (var watch = Stopwatch.StartNew(); !condition();)
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20));
            await Task.Delay(10);
        }
    }
}
