using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Migrations;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

public sealed class MariaDbMigrationsTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, note varchar(40)) ENGINE = InnoDB; INSERT INTO orders (note) VALUES ('a'), ('b')";

    [Fact]
    public async Task Rows_and_the_history_row_are_there_together()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var script = MariaDbShop.Script("2_4__notes", "UPDATE orders SET note = 'x';\nINSERT INTO orders (note) VALUES ('c');");

        await migrations.ApplyAsync(script, "kim", default);

        var row = (await migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem();
        (row.Version.ToString(), row.Description, row.Checksum, row.AppliedBy).ShouldBe(("2.4", "notes", script.Checksum, "kim"));
        row.AppliedAt.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(note ORDER BY id) FROM orders")).ShouldBe("x,x,c");
        (await shop.ScalarAsync("SELECT CONCAT(transactional, ' ', state, ' ', statements) FROM deployops_migration")).ShouldBe("1 done 2");
    }

    [Fact]
    public async Task Definitions_are_applied_one_after_another_with_a_record_of_each()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;

        await migrations.ApplyAsync(
            MariaDbShop.Script("1__many", """
                CREATE TABLE items (id int PRIMARY KEY, order_id int);
                INSERT INTO items SELECT id, id FROM orders;
                DELIMITER //
                CREATE PROCEDURE fill(n int) BEGIN DECLARE i int DEFAULT 0; WHILE i < n DO INSERT INTO orders (note) VALUES ('p'); SET i = i + 1; END WHILE; END //
                CREATE TRIGGER shout BEFORE INSERT ON orders FOR EACH ROW BEGIN SET NEW.note = UPPER(NEW.note); END //
                DELIMITER ;
                CALL fill(2);
                ALTER TABLE orders ADD INDEX by_note (note);
                """), "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(note ORDER BY id) FROM orders")).ShouldBe("a,b,P,P");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM items")).ShouldBe("2");
        (await shop.ScalarAsync("SELECT CONCAT(COUNT(*), ' ', MIN(state), ' ', MAX(state)) FROM deployops_statement")).ShouldBe("6 done done");
        (await shop.ScalarAsync("SELECT CONCAT(transactional, ' ', state, ' ', statements) FROM deployops_migration")).ShouldBe("0 done 6");
    }

    [Fact]
    public async Task Reading_the_history_of_a_new_database_answers_nothing_and_makes_nothing()
    {
        await using var shop = await cluster.CreateAsync();

        (await shop.Open().Migrations.ReadHistoryAsync(default)).ShouldBeEmpty();

        (await shop.HasAsync("deployops_migration")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_failing_statement_is_told_with_its_line_and_no_row_of_the_script_is_left()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO orders (note) VALUES ('c');\n\nINSERT INTO orders\n(nota) VALUES ('d');"), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("V1__it.sql:3: Unknown column 'nota' in 'INSERT INTO' (1054). Nothing of the script is left.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2");
        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_syntax_error_is_told_with_the_line_it_is_in()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1;\nUPDATE orders\nSET note =\nWHERE id = 1;"), "kim", default));

        error.Message.ShouldContain("V1__it.sql:4: You have an error in your SQL syntax");
    }

    [Fact]
    public async Task The_value_of_a_row_is_not_told()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE users (mail varchar(90) PRIMARY KEY, age int); INSERT INTO users VALUES ('kim@example.org', 1)");

        var twice = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO users SELECT * FROM users;"), "kim", default));
        var wrong = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", "UPDATE users SET age = mail;"), "kim", default));

        twice.Message.ShouldContain("Duplicate entry '…' for key 'PRIMARY' (1062)");
        wrong.Message.ShouldContain("Incorrect integer value: '…' for column");
        (twice + "" + wrong).ShouldNotContain("kim@example.org");
    }

    [Fact]
    public async Task What_was_planned_by_a_history_that_another_run_went_on_with_is_refused()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var (mine, theirs) = (shop.Open().Migrations, shop.Open().Migrations);
        await mine.ApplyAsync(MariaDbShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);
        await mine.ReadHistoryAsync(default);
        await mine.ApplyAsync(MariaDbShop.Script("2__b", "CREATE TABLE b (x int)"), "kim", default);
        await mine.ApplyAsync(MariaDbShop.Script("3__c", "INSERT INTO a VALUES (1)"), "kim", default);
        await theirs.ApplyAsync(MariaDbShop.Script("5__e", "CREATE TABLE e (x int)"), "sam", default);

        var error = await Should.ThrowAsync<DeployOpsException>(mine.ApplyAsync(MariaDbShop.Script("4__d", "CREATE TABLE d (x int)"), "kim", default));
        var outside = await Should.ThrowAsync<DeployOpsException>(mine.ApplyAsync(MariaDbShop.Script("4__d", "INSERT INTO a VALUES (1)"), "kim", default));
        (await mine.ReadHistoryAsync(default)).Count.ShouldBe(4);
        await mine.ApplyAsync(MariaDbShop.Script("6__f", "CREATE TABLE f (x int)"), "kim", default);

        (error.ErrorId, outside.ErrorId).ShouldBe(("MigrationHistoryChanged", "MigrationHistoryChanged"));
        error.Message.ShouldStartWith("V4__d.sql: since this run was planned, another one has begun or applied a script. Nothing of V4__d.sql was begun.");
        (await shop.HasAsync("d")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_version_is_applied_once_and_undone_once()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var script = MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int;");
        var undo = MariaDbShop.Undo("1__status", "ALTER TABLE orders DROP COLUMN status;");
        await migrations.ApplyAsync(script, "kim", default);

        var again = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await migrations.RevertAsync(undo, default);
        var gone = await Should.ThrowAsync<DeployOpsException>(migrations.RevertAsync(undo, default));

        again.ErrorId.ShouldBe("MigrationAlreadyApplied");
        gone.ErrorId.ShouldBe("MigrationNotApplied");
        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
        (await shop.HasColumnAsync("orders", "status")).ShouldBeFalse();
        await migrations.ApplyAsync(script, "kim", default);
        (await shop.HasColumnAsync("orders", "status")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_reader_that_holds_the_definition_is_waited_for_in_short_tries_and_then_the_script_succeeds()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        var applying = shop.Open(pace: MariaDbShop.Quick with { Tries = 20 }).Migrations.ApplyAsync(MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int"), "kim", default);
        await shop.UntilAsync("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'deployops_statement'");
        await shop.UntilAsync("SELECT COUNT(*) FROM deployops_statement WHERE state = 'failed' AND error = 1205");

        await reader.CloseAsync();
        await applying;

        (await shop.HasColumnAsync("orders", "status")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_reader_that_stays_is_named_and_nothing_is_left()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM orders");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int"), "kim", default));

        error.ErrorId.ShouldBe("MigrationLockTimeout");
        error.Kind.ShouldBe(FaultKind.Busy);
        error.Message.ShouldMatch($@"^V1__status\.sql:1: Lock wait timeout exceeded; try restarting transaction \(1205\), 3 tries\. Blocked by connection {reader.ServerThread} \(deployer@127\.0\.0\.1\), sleep, in a transaction for \d s\. ");
        error.Message.ShouldContain("Statement 1 (line 1) failed. Nothing before it is in effect; the next run continues with it.");
        (await shop.HasColumnAsync("orders", "status")).ShouldBeFalse();
    }

    // The server itself takes a transaction back that it chose in a deadlock; what stays of it is among the warnings of the statement that met it.
    [Theory]
    [InlineData("")]
    [InlineData("SET max_error_count = 0;")]
    public async Task A_deadlock_does_not_hide_what_an_engine_without_transactions_keeps(string before)
    {
        await using var shop = await cluster.CreateAsync(
            Orders + "; CREATE TABLE log (id int) ENGINE = MyISAM; CREATE TRIGGER logs AFTER UPDATE ON orders FOR EACH ROW INSERT INTO log VALUES (NEW.id); CREATE TABLE heavy (id int PRIMARY KEY, n int); CREATE TABLE loose (id int) ENGINE = MyISAM");
        await using var other = await shop.HoldAsync("INSERT INTO loose VALUES (1)");
        await new MySqlCommand("INSERT INTO heavy SELECT seq, 0 FROM seq_1_to_2000", other).ExecuteNonQueryAsync();
        var applying = shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__notes", $"{before}\nUPDATE orders SET note = 'a' WHERE id = 1;\nUPDATE heavy SET n = 1 WHERE id = 2;"), "kim", default);
        await shop.UntilRunsAsync("UPDATE heavy SET n = 1 WHERE id = 2");

        await new MySqlCommand("UPDATE orders SET note = 'held' WHERE id = 1", other).ExecuteNonQueryAsync();
        var error = await Should.ThrowAsync<DeployOpsException>(applying);

        error.Message.ShouldContain("Deadlock found");
        error.Message.ShouldContain(", 1 try. ");
        error.Message.ShouldContain("Nothing of the script is left but what it wrote to tables of engines without transactions.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM log WHERE id = 1")).ShouldNotBe("0");
    }

    [Fact]
    public async Task Rows_that_another_transaction_has_locked_are_tried_for_again_as_a_whole_script()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await shop.HoldAsync("UPDATE orders SET note = 'held' WHERE id = 2");
        var script = MariaDbShop.Script("1__notes", "UPDATE orders SET note = CONCAT(note, '!') WHERE id = 1;\nUPDATE orders SET note = CONCAT(note, '!') WHERE id = 2;");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(pace: MariaDbShop.Quick with { Tries = 2 }).Migrations.ApplyAsync(script, "kim", default));
        var applying = shop.Open(pace: MariaDbShop.Quick with { Tries = 20 }).Migrations.ApplyAsync(script, "kim", default);
        await shop.UntilRunsAsync("UPDATE orders SET note = CONCAT(note, ''!'') WHERE id = 2");
        await other.CloseAsync();
        await applying;

        error.ErrorId.ShouldBe("MigrationLockTimeout");
        error.Message.ShouldContain("V1__notes.sql:2: Lock wait timeout exceeded; try restarting transaction (1205), 2 tries.");
        error.Message.ShouldContain("Nothing of the script is left.");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(note ORDER BY id) FROM orders")).ShouldBe("a!,b!");
    }

    [Fact]
    public async Task Cancelling_stops_the_statement_on_the_server_and_leaves_nothing()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var stop = new CancellationTokenSource();
        var applying = shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "INSERT INTO orders (note) VALUES ('c');\nINSERT INTO orders (note) SELECT SLEEP(60);"), "kim", stop.Token);
        var connection = await shop.UntilRunsAsync("%SLEEP(60)%");

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(applying);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2");
        await shop.UntilAsync($"SELECT COUNT(*) = 0 FROM information_schema.PROCESSLIST WHERE ID = {connection}");
    }

    [Theory]
    [InlineData("INSERT INTO orders (note) SELECT SLEEP(60);")]
    [InlineData("CREATE TABLE late (a int) SELECT SLEEP(60) AS a;")]
    public async Task A_script_that_takes_too_long_is_stopped(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(TimeSpan.FromSeconds(1)).Migrations.ApplyAsync(MariaDbShop.Script("1__slow", sql), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptTimeout");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2");
        (await shop.HasAsync("late")).ShouldBeFalse();
    }

    [Fact]
    public async Task Of_two_runners_at_once_one_applies_and_the_other_is_told_who()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var first = shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "ALTER TABLE orders ADD status int;\nINSERT INTO orders (note) SELECT SLEEP(2);"), "kim", default);
        var connection = await shop.UntilRunsAsync("%SLEEP(2)%");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("2__it", "SELECT 1"), "sam", default));
        await first;

        error.ErrorId.ShouldBe("MigrationBusy");
        error.Message.ShouldContain($"Another runner migrates {shop.Name}: connection {connection} of deployer from 127.0.0.1:");
        error.Message.ShouldContain("(User sleep)");
    }

    [Fact]
    public async Task Ten_runners_at_once_have_the_effect_once()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int;\nINSERT INTO orders (note) VALUES ('once');");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Record.ExceptionAsync(() => shop.Open(pace: MariaDbShop.Quick with { RunnerWait = TimeSpan.FromSeconds(20) }).Migrations.ApplyAsync(script, "kim", default)).AsTask()));

        outcomes.Count(outcome => outcome is null).ShouldBe(1);
        outcomes.OfType<DeployOpsException>().Select(error => error.ErrorId).Distinct().ShouldBe(["MigrationAlreadyApplied"]);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE note = 'once'")).ShouldBe("1");
    }

    [Fact]
    public async Task A_connection_that_is_ended_by_the_server_leaves_nothing_and_no_lock()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var applying = migrations.ApplyAsync(MariaDbShop.Script("1__slow", "INSERT INTO orders (note) VALUES ('c');\nINSERT INTO orders (note) SELECT SLEEP(60);"), "kim", default);
        var connection = await shop.UntilRunsAsync("%SLEEP(60)%");

        await shop.ExecuteAsync($"KILL CONNECTION {connection}");
        var error = await Should.ThrowAsync<DeployOpsException>(applying);
        await migrations.ApplyAsync(MariaDbShop.Script("1__slow", "INSERT INTO orders (note) VALUES ('c');"), "kim", default);

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("V1__slow.sql:2: the connection was lost: ");
        error.Message.ShouldContain("Nothing of the script is left.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("3");
    }

    [Fact]
    public async Task Only_the_connection_that_was_opened_is_killed()
    {
        await using var shop = await cluster.CreateAsync();
        await using var runner = await shop.ConnectAsync();
        await using var other = await shop.ConnectAsync();
        var known = (await MariaDbRunnerConnection.FindAsync(other, runner.ServerThread)).ShouldNotBeNull();

        (await (known with { Identity = known.Identity + "0" }).EndAsync(other, "KILL CONNECTION")).ShouldBeFalse();
        (await (known with { Started = known.Started - 100 }).EndAsync(other, "KILL CONNECTION")).ShouldBeFalse();
        (await (known with { Number = int.MaxValue }).EndAsync(other, "KILL CONNECTION")).ShouldBeFalse();
        Convert.ToInt32(await new MySqlCommand("SELECT 1", runner).ExecuteScalarAsync(), null).ShouldBe(1);

        (await known.EndAsync(other, "KILL CONNECTION")).ShouldBeTrue();
        await Should.ThrowAsync<MySqlException>(new MySqlCommand("SELECT 1", runner).ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("LOCK TABLES orders WRITE; UNLOCK TABLES", "MigrationScriptUnsupported", "V1__it.sql:1: the record of a statement could not be written while other tables are locked")]
    [InlineData("SELECT 1;\nSET autocommit = 0", "MigrationScriptUnsupported", "V1__it.sql:2: each statement commits with its record")]
    [InlineData("XA START 'x'", "MigrationScriptUnsupported", "an XA transaction outlives the migration")]
    [InlineData("FLUSH TABLES WITH READ LOCK", "MigrationScriptUnsupported", "a lock of the whole server")]
    [InlineData("DO RELEASE_ALL_LOCKS()", "MigrationScriptUnsupported", "would let another runner in")]
    [InlineData("-- deployops: transaction=script\nINSERT INTO orders (note) VALUES ('c');\nALTER TABLE orders ADD status int", "MigrationTransactionMixed", "V1__it.sql:3: ALTER TABLE orders ADD commits by itself in MariaDB, and the script says transaction=script")]
    [InlineData("ALTER TABLE orders ADD status int;\nBEGIN;\nINSERT INTO orders (note) VALUES ('c')", "MigrationScriptFailed", "it begins a transaction and does not end it; that transaction was rolled back")]
    [InlineData("LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE orders (note)", "MigrationScriptFailed", "V1__it.sql:1: ")]
    [InlineData("\\. other.sql", "SqlMetaCommand", "V1__it.sql:1: ")]
    public async Task What_cannot_be_kept_a_promise_of_is_refused(string sql, string errorId, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(() => shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", sql), "kim", default));

        error.ErrorId.ShouldBe(errorId, error.Message);
        error.Message.ShouldContain(words);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2");
    }

    [Fact]
    public async Task A_statement_that_ends_the_scripts_transaction_unseen_is_found_out()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO orders (note) VALUES ('c');\nSET DEFAULT ROLE NONE;\nINSERT INTO orders (note) VALUES ('d');"), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("V1__it.sql: a statement of it ended the transaction that the script runs in; what stood before it is committed.");
    }

    [Theory]
    [InlineData("INSERT INTO orders (note) VALUES ('c');\nSET DEFAULT ROLE NONE;\nINSERT INTO orders (note) VALUES ('d');", "MigrationScriptFailed")]
    [InlineData("INSERT INTO orders (note) VALUES ('c');\nSET DEFAULT ROLE NONE;\nINSERT INTO orders (nota) VALUES ('d');", "MigrationScriptFailed")]
    [InlineData("INSERT INTO orders (note) VALUES ('c');\nSET DEFAULT ROLE NONE;\nUPDATE orders SET note = 'd' WHERE id = 2;", "MigrationLockTimeout")]
    public async Task What_was_committed_unseen_is_told_and_never_applied_again(string sql, string errorId)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await shop.HoldAsync("UPDATE orders SET note = 'held' WHERE id = 2");
        var migrations = shop.Open().Migrations;
        var script = MariaDbShop.Script("1__it", sql);

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await other.CloseAsync();
        var again = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        var apart = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", "ALTER TABLE orders ADD status int;"), "kim", default));

        error.ErrorId.ShouldBe(errorId, error.Message);
        error.Message.ShouldContain("is committed");
        error.Message.ShouldNotContain("Nothing of the script is left");
        error.Message.ShouldNotContain("3 tries");
        (again.ErrorId, apart.ErrorId).ShouldBe(("MigrationInterrupted", "MigrationInterrupted"));
        again.Message.ShouldContain("V1__it.sql:1: a statement of it ended the transaction that an earlier run had it in");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders WHERE note = 'c'")).ShouldBe("1");
        (await migrations.IsHalfAppliedAsync(script.Version, default)).ShouldBeTrue();
        await shop.ExecuteAsync(again.Message[again.Message.IndexOf("DELETE FROM", StringComparison.Ordinal)..again.Message.IndexOf("; or do", StringComparison.Ordinal)]);
        await migrations.ApplyAsync(MariaDbShop.Script("1__it", "SELECT 1"), "kim", default);
    }

    [Fact]
    public async Task What_a_table_without_transactions_keeps_is_recorded_statement_by_statement()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE old (a int) ENGINE = MyISAM");
        var migrations = shop.Open().Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO old VALUES (1);\nINSERT INTO missing VALUES (2);"), "kim", default));
        await migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO old VALUES (1);\nINSERT INTO old VALUES (2);"), "kim", default);

        error.Message.ShouldContain("Statement 2 (line 2) failed. The one before it is committed and stays; the next run continues with it.");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(a ORDER BY a) FROM old")).ShouldBe("1,2");
    }

    [Fact]
    public async Task What_was_committed_unseen_is_told_of_a_script_that_takes_too_long()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open(TimeSpan.FromSeconds(5)).Migrations.ApplyAsync(MariaDbShop.Script("1__slow", "INSERT INTO orders (note) VALUES ('c');\nSET DEFAULT ROLE NONE;\nINSERT INTO orders (note) SELECT SLEEP(60);"), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptTimeout");
        error.Message.ShouldContain("A statement of it ended the transaction that the script runs in: what stood before that is committed and stays.");
    }

    [Theory]
    [InlineData("ALTER TABLE orders ADD status int;\nINSERT INTO orders (id, note) VALUES (10, 'c'), (1, 'd');", 2)]
    [InlineData("ALTER TABLE orders ADD status int;\nBEGIN;\nINSERT INTO orders (note) VALUES ('c');\nINSERT INTO missing VALUES (1);\nCOMMIT;", 2)]
    [InlineData("ALTER TABLE orders ADD status int;\nBEGIN;\nINSERT INTO orders (note) VALUES ('c');", 2)]
    public async Task What_such_a_table_keeps_of_a_statement_that_failed_is_told_and_left_to_a_person(string sql, int number)
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE old (a int) ENGINE = MyISAM; CREATE TRIGGER copy AFTER INSERT ON orders FOR EACH ROW INSERT INTO old VALUES (NEW.id)");
        var migrations = shop.Open().Migrations;
        var script = MariaDbShop.Script("1__it", sql);

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        var again = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptFailed", error.Message);
        error.Message.ShouldContain("What it wrote to tables of engines without transactions could not be rolled back and stays.");
        again.ErrorId.ShouldBe("MigrationInterrupted");
        again.Message.ShouldContain($"an earlier run ended while statement {number} ran, and it cannot be told whether it took effect");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM old")).ShouldBe("1");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM orders")).ShouldBe("2");
    }

    [Fact]
    public async Task Such_a_table_is_refused_within_a_transaction_of_the_scripts_own_also_where_the_script_made_it()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(
            MariaDbShop.Script("1__it", "CREATE TABLE loose (a int) ENGINE = MyISAM;\nBEGIN;\nINSERT INTO orders (note) VALUES ('c');\nINSERT INTO loose VALUES (1);\nCOMMIT;"), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptUnsupported", error.Message);
        error.Message.ShouldContain("V1__it.sql:4: it names a table whose engine knows no transactions, within a transaction of the script's own; put it before BEGIN or behind COMMIT.");
        (await shop.ScalarAsync("SELECT (SELECT COUNT(*) FROM loose) + (SELECT COUNT(*) FROM orders)")).ShouldBe("2");
    }

    [Fact]
    public async Task A_script_that_writes_to_such_a_table_unseen_does_not_promise_that_nothing_is_left()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE old (a int) ENGINE = MyISAM; CREATE TRIGGER copy AFTER INSERT ON orders FOR EACH ROW INSERT INTO old VALUES (NEW.id)");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO orders (note) VALUES ('c');\nINSERT INTO missing VALUES (2);"), "kim", default));

        error.Message.ShouldContain("Nothing of the script is left but what it wrote to tables of engines without transactions.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM old")).ShouldBe("1");
    }

    [Fact]
    public async Task A_script_that_chooses_another_database_is_recorded_all_the_same()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await cluster.CreateAsync();
        var migrations = shop.Open().Migrations;

        await migrations.ApplyAsync(MariaDbShop.Script("1__rows", $"USE {other.Name};\nSET @a = 1;\nSELECT 1;"), "kim", default);
        await migrations.ApplyAsync(MariaDbShop.Script("2__tables", $"USE {other.Name};\nCREATE TABLE there (a int);"), "kim", default);

        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(2);
        (await other.HasAsync("there")).ShouldBeTrue();
        (await other.HasAsync("deployops_migration")).ShouldBeFalse();
    }
}
