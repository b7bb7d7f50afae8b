using DeployOps.Adapters.MariaDb;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>Scripts that run statement by statement, are interrupted, and gone on with.</summary>
public sealed class MariaDbResumeTests(MariaDbCluster cluster)
{
    [Fact]
    public async Task A_statement_of_a_transaction_of_the_scripts_own_is_recorded_once_unless_a_savepoint_may_have_taken_its_record_back()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE steps (n int); CREATE TABLE again (number int)");
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(MariaDbShop.Script("1__first", "CREATE TABLE a (x int)"), "kim", default);
        await shop.ExecuteAsync("CREATE TRIGGER note AFTER UPDATE ON deployops_statement FOR EACH ROW INSERT INTO again VALUES (NEW.number)");

        await migrations.ApplyAsync(MariaDbShop.Script("2__plain", "BEGIN;\nINSERT INTO steps VALUES (1);\nINSERT INTO steps VALUES (2);\nCOMMIT;"), "kim", default);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM again")).ShouldBe("0");
        await migrations.ApplyAsync(
            MariaDbShop.Script("3__back", "BEGIN;\nINSERT INTO steps VALUES (3);\nSAVEPOINT s;\nINSERT INTO steps VALUES (9);\nROLLBACK TO s;\nINSERT INTO steps VALUES (4);\nCOMMIT;"), "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM steps")).ShouldBe("1,2,3,4");
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(CONCAT(s.number, s.state) ORDER BY s.number) FROM deployops_statement s JOIN deployops_migration m ON m.id = s.migration WHERE m.version = '3'")).ShouldBe("1done,2done,3done,4done,5done,6done,7done");
        // Statements 5 and 6 stand behind the point it went back to, their first records with them; those of 3 and 4 were taken back.
        (await shop.ScalarAsync("SELECT GROUP_CONCAT(DISTINCT number ORDER BY number) FROM again")).ShouldBe("5,6");
    }

    [Fact]
    public async Task A_run_of_more_statements_than_a_page_is_gone_on_with_at_the_right_one()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE steps (n int)");
        var migrations = shop.Open().Migrations;
        var inserts = string.Concat(Enumerable.Range(1, 2_300).Select(n => $"INSERT INTO steps VALUES ({n});\n"));
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__many", $"-- deployops: transaction=none\n{inserts}INSERT INTO nowhere VALUES (1);"), "kim", default));
        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("2300");

        await migrations.ApplyAsync(MariaDbShop.Script("1__many", $"-- deployops: transaction=none\n{inserts}INSERT INTO steps VALUES (2301);"), "kim", default);

        (await shop.ScalarAsync("SELECT CONCAT(COUNT(*), ' ', COUNT(DISTINCT n)) FROM steps")).ShouldBe("2301 2301");
    }

    private const string Orders = "CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, note varchar(40)); INSERT INTO orders (note) VALUES ('a'), ('b'); CREATE TABLE steps (n int)";

    public static TheoryData<string> Boundaries => [.. Enumerable.Range(1, MariaDbBorderScript.Statements).SelectMany(number => new[] { $"before {number}", $"after {number}" })];

    [Theory]
    [MemberData(nameof(Boundaries))]
    public async Task A_run_whose_connection_ends_at_a_statements_border_is_gone_on_with_and_every_effect_is_there_once(string boundary)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var cut = int.Parse(boundary.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        await KillAtAsync(shop, cut, before: boundary.StartsWith('b'));
        var script = MariaDbShop.Script("1__steps", MariaDbBorderScript.Sql);

        var first = await Record.ExceptionAsync(() => migrations.ApplyAsync(script, "kim", default));
        await shop.ExecuteAsync("DROP TRIGGER IF EXISTS cut_insert; DROP TRIGGER IF EXISTS cut_update");
        var error = first.ShouldBeOfType<DeployOpsException>();
        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty(error.Message);

        await migrations.ApplyAsync(script, "kim", default);

        error.Message.ShouldContain("V1__steps.sql");
        await MariaDbBorderScript.IsWholeAsync(shop);
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_definition_during_which_the_connection_is_killed_is_looked_at_and_not_assumed()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var reader = await shop.HoldAsync("SELECT COUNT(*) FROM orders");
        var migrations = shop.Open(pace: MariaDbShop.Quick with { LockTimeout = TimeSpan.FromMinutes(1) }).Migrations;
        var script = MariaDbShop.Script("1__status", "ALTER TABLE orders ADD status int;\nINSERT INTO steps VALUES (1);");
        var applying = migrations.ApplyAsync(script, "kim", default);
        var connection = await shop.UntilRunsAsync("ALTER TABLE orders%");

        await shop.ExecuteAsync($"KILL CONNECTION {connection}");
        var error = await Should.ThrowAsync<DeployOpsException>(applying);
        await reader.CloseAsync();
        var state = await shop.ScalarAsync("SELECT state FROM deployops_statement");
        var half = await migrations.IsHalfAppliedAsync(script.Version, default);
        await migrations.ApplyAsync(script, "kim", default);

        error.Message.ShouldContain("Statement 1 (line 1) was interrupted. Nothing before it is in effect; the next run looks whether it took effect.");
        (state, half).ShouldBe(("running", true));
        (await shop.HasColumnAsync("orders", "status")).ShouldBeTrue();
        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("1");
    }

    // What changes rows or a position, and not the definition, leaves no trace of having been done.
    [Theory]
    [InlineData("ALTER TABLE parted EXCHANGE PARTITION p WITH TABLE aside", false)]
    [InlineData("ALTER TABLE IF EXISTS parted EXCHANGE PARTITION p WITH TABLE aside", false)]
    [InlineData("ALTER TABLE parted ADD c int, TRUNCATE PARTITION p", false)]
    [InlineData("ALTER TABLE parted TRUNCATE PARTITION p", false)]
    [InlineData("RENAME TABLE aside TO other, orders TO aside, other TO orders", false)]
    [InlineData("ALTER SEQUENCE numbers RESTART 5", false)]
    [InlineData("ALTER SEQUENCE numbers INCREMENT 5", true)]
    [InlineData("ALTER TABLE parted ADD COLUMN (c int, d int), ALGORITHM = COPY", true)]
    [InlineData("ALTER TABLE `parted` NOWAIT MODIFY n bigint", true)]
    [InlineData("ALTER TABLE shop.parted DROP PARTITION p", true)]
    [InlineData("RENAME TABLE aside TO other", true)]
    [InlineData("CREATE INDEX by_n ON parted (n)", true)]
    [InlineData("DROP VIEW totals", true)]
    public void Only_a_statement_that_changes_the_definition_is_told_by_it(string sql, bool tells) =>
        MariaDbDefinitions.Tells(SqlStatements.Read(sql, SqlDialect.MariaDb).Single()).ShouldBe(tells);

    // Each of them once more would take rows that came since.
    [Theory]
    [InlineData("ALTER TABLE parted EXCHANGE PARTITION p WITH TABLE aside", "parted")]
    [InlineData("TRUNCATE TABLE aside", "later")]
    [InlineData("CREATE OR REPLACE TABLE later (n int)", "later")]
    public async Task What_leaves_no_trace_and_was_cut_off_is_left_to_a_person(string sql, string kept)
    {
        await using var shop = await cluster.CreateAsync(
            "CREATE TABLE parted (n int) PARTITION BY LIST (n) (PARTITION p VALUES IN (1)); CREATE TABLE aside (n int); INSERT INTO aside VALUES (1); CREATE TABLE later (n int)");
        var migrations = shop.Open().Migrations;
        var script = MariaDbShop.Script("1__it", sql);
        await migrations.ApplyAsync(MariaDbShop.Script("0__history", "SELECT 1"), "kim", default);
        // The connection ends between the statement and the record of it.
        await shop.ExecuteAsync("DELIMITER //\nCREATE TRIGGER cut BEFORE UPDATE ON deployops_statement FOR EACH ROW BEGIN IF NEW.state = 'done' THEN KILL CONNECTION CONNECTION_ID(); END IF; END //\nDELIMITER ;");
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await shop.ExecuteAsync("DROP TRIGGER cut; INSERT INTO later VALUES (1)");

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));

        error.ErrorId.ShouldBe("MigrationInterrupted");
        error.Message.ShouldContain("an earlier run ended while statement 1 ran, and it cannot be told whether it took effect");
        (await shop.ScalarAsync($"SELECT COUNT(*) FROM {kept}")).ShouldBe("1");
    }

    [Fact]
    public async Task A_table_that_was_replaced_by_another_is_told_by_its_definition()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE later (n int)");
        var migrations = shop.Open().Migrations;
        var script = MariaDbShop.Script("1__it", "CREATE OR REPLACE TABLE later (n int, m int)");
        await migrations.ApplyAsync(MariaDbShop.Script("0__history", "SELECT 1"), "kim", default);
        await shop.ExecuteAsync("DELIMITER //\nCREATE TRIGGER cut BEFORE UPDATE ON deployops_statement FOR EACH ROW BEGIN IF NEW.state = 'done' THEN KILL CONNECTION CONNECTION_ID(); END IF; END //\nDELIMITER ;");
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await shop.ExecuteAsync("DROP TRIGGER cut; INSERT INTO later VALUES (1, 1)");

        await migrations.ApplyAsync(script, "kim", default);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM later")).ShouldBe("1");
    }

    [Fact]
    public async Task A_statement_that_fails_is_told_with_what_is_committed_and_may_be_corrected()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(
            migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO steps VALUES (1);\nALTER TABLE orders ADD status int;\nINSERT INTO stepz VALUES (2);\nINSERT INTO steps VALUES (3);"), "kim", default));
        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain($"V1__it.sql:3: Table '{shop.Name}.stepz' doesn't exist (1146). Statement 3 (line 3) failed. The 2 before it are committed and stay; the next run continues with it.");
        (await shop.ScalarAsync("SELECT CONCAT(state, ' ', error) FROM deployops_statement WHERE number = 3")).ShouldBe("failed 1146");

        await migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO steps VALUES (1);\nALTER TABLE orders ADD status int;\nINSERT INTO steps VALUES (2);\nINSERT INTO steps VALUES (3);"), "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM steps")).ShouldBe("1,2,3");
    }

    [Fact]
    public async Task A_failure_within_a_transaction_of_the_scripts_own_says_where_the_next_run_begins()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__it", "ALTER TABLE orders ADD status int;\nBEGIN;\nINSERT INTO steps VALUES (1);\nINSERT INTO stepz VALUES (2);\nCOMMIT;"), "kim", default));

        error.Message.ShouldContain("Statement 4 (line 4) failed. The one before it is committed and stays; the next run continues with statement 2, which begins its transaction.");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("0");
    }

    [Fact]
    public async Task What_is_in_effect_may_not_change_its_text()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", "ALTER TABLE orders ADD status int;\nINSERT INTO stepz VALUES (2);"), "kim", default));

        var changed = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", "ALTER TABLE orders ADD state int;\nINSERT INTO steps VALUES (2);"), "kim", default));
        var whole = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", "INSERT INTO steps VALUES (1);\nINSERT INTO steps VALUES (2);"), "kim", default));

        changed.ErrorId.ShouldBe("MigrationInterrupted");
        changed.Message.ShouldContain("V1__it.sql:1: statement 1 is in effect from a run that was interrupted, and its text has changed since.");
        whole.ErrorId.ShouldBe("MigrationInterrupted");
        whole.Message.ShouldContain("1 statements of it are in effect from a run outside of a transaction, and now it would run within one");
        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("0");
    }

    [Fact]
    public async Task What_cannot_be_known_is_left_to_a_person()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; DELIMITER //\nCREATE PROCEDURE fill() BEGIN INSERT INTO steps VALUES (1); COMMIT; DO SLEEP(60); END //\nDELIMITER ;");
        var migrations = shop.Open().Migrations;
        var script = MariaDbShop.Script("1__call", "CALL fill();");
        var applying = migrations.ApplyAsync(script, "kim", default);
        await shop.UntilAsync("SELECT COUNT(*) FROM steps");
        await shop.ExecuteAsync($"KILL CONNECTION {await shop.UntilRunsAsync("%SLEEP(60)%")}");
        await Should.ThrowAsync<DeployOpsException>(applying);

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        error.ErrorId.ShouldBe("MigrationInterrupted");
        error.Message.ShouldContain("V1__call.sql:1: an earlier run ended while statement 1 ran, and it cannot be told whether it took effect.");
        await shop.ExecuteAsync(error.Message[error.Message.IndexOf("UPDATE", StringComparison.Ordinal)..error.Message.IndexOf(", or DELETE", StringComparison.Ordinal)]);
        await migrations.ApplyAsync(script, "kim", default);

        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("1");
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("CREATE TEMPORARY TABLE t (a int);\nALTER TABLE orders ADD status int;\nINSERT INTO missing SELECT * FROM t;", "it made a temporary table, which ended with the run that was interrupted")]
    [InlineData("INSERT INTO orders (note) VALUES ('c');\nALTER TABLE orders ADD status int;\nINSERT INTO missing VALUES (LAST_INSERT_ID());", "it asks for LAST_INSERT_ID() of a statement that an earlier run did")]
    public async Task What_ended_with_the_session_is_not_taken_for_there(string sql, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", sql), "kim", default));

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", sql.Replace("missing", "steps", StringComparison.Ordinal)), "kim", default));

        error.ErrorId.ShouldBe("MigrationInterrupted");
        error.Message.ShouldContain(words);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("0");
    }

    [Theory]
    [InlineData("SELECT MAX(id) INTO @last FROM orders;\nINSERT INTO orders (note) VALUES ('c');\nALTER TABLE orders ADD status int;\nINSERT INTO missing VALUES (@last);", "it needs the variable @last of a statement that an earlier run did")]
    [InlineData("SET @last = (SELECT MAX(id) FROM orders);\nINSERT INTO orders (note) VALUES ('c');\nALTER TABLE orders ADD status int;\nINSERT INTO missing VALUES (@last);", "it needs the variable @last of a statement that an earlier run did")]
    [InlineData("SET @at = NOW(6), @then = @at;\nALTER TABLE orders ADD status int;\nINSERT INTO missing SELECT @then IS NULL;", "it needs the variable @then of a statement that an earlier run did")]
    [InlineData("SELECT CONCAT('INSERT INTO steps VALUES (', COUNT(*), ')') INTO @sql FROM orders;\nPREPARE act FROM @sql;\nALTER TABLE orders ADD status int;\nINSERT INTO missing SELECT 1 FROM orders WHERE id < 0;\nEXECUTE act;", "it needs the prepared statement act of a statement that an earlier run did")]
    [InlineData("SET time_zone = (SELECT MAX(note) FROM orders WHERE id < 0 UNION SELECT '+01:00' ORDER BY 1 DESC LIMIT 1);\nALTER TABLE orders ADD status int;\nINSERT INTO missing VALUES (1);", "a setting that an earlier run made of more than constants ended with its session")]
    public async Task What_the_other_run_read_is_not_read_anew(string sql, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", sql), "kim", default));

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", sql.Replace("missing", "steps", StringComparison.Ordinal)), "kim", default));

        error.ErrorId.ShouldBe("MigrationInterrupted", error.Message);
        error.Message.ShouldContain(words);
        (await shop.ScalarAsync("SELECT COUNT(*) FROM steps")).ShouldBe("0");
    }

    [Theory]
    [InlineData("SET @n = 3, @old = @@SESSION.sql_mode, sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');\nSET @n = @n, SESSION sql_mode = @old;\nALTER TABLE orders ADD status int;\nINSERT INTO missing VALUES (@n);")]
    [InlineData("SELECT MAX(id) INTO @n FROM orders;\nALTER TABLE orders ADD status int;\nINSERT INTO missing SELECT 1 FROM orders WHERE id < 0;\nSET @n = 3;\nINSERT INTO steps VALUES (@n);")]
    [InlineData("PREPARE act FROM 'INSERT INTO steps VALUES (?)';\nSET NAMES utf8mb4, @n = 3;\nALTER TABLE orders ADD status int;\nINSERT INTO missing SELECT 1 FROM orders WHERE id < 0;\nEXECUTE act USING @n;")]
    public async Task What_was_set_to_constants_is_set_again(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", sql), "kim", default));

        await migrations.ApplyAsync(MariaDbShop.Script("1__it", sql.Replace("missing", "steps", StringComparison.Ordinal)), "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n) FROM steps")).ShouldBe("3");
    }

    [Fact]
    public async Task Cancelling_between_statements_says_what_is_left_and_the_next_run_goes_on()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        using var stop = new CancellationTokenSource();
        var applying = migrations.ApplyAsync(MariaDbShop.Script("1__it", "ALTER TABLE orders ADD status int;\nINSERT INTO steps SELECT 2 + SLEEP(60);"), "kim", stop.Token);
        await shop.UntilRunsAsync("%SLEEP(60)%");

        await stop.CancelAsync();
        var stopped = await Record.ExceptionAsync(() => applying);
        stopped.ShouldBeOfType<OperationCanceledException>().Message.ShouldBe("V1__it.sql was stopped. Statement 2 (line 2) was interrupted. The one before it is committed and stays; the next run continues with it.");
        await migrations.ApplyAsync(MariaDbShop.Script("1__it", "ALTER TABLE orders ADD status int;\nINSERT INTO steps SELECT 2;"), "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM steps")).ShouldBe("2");
    }

    [Fact]
    public async Task What_a_savepoint_took_back_is_not_run_when_the_script_goes_on()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        const string begun = "-- deployops: transaction=none\nBEGIN;\nSAVEPOINT s;\nINSERT INTO steps VALUES (1);\nROLLBACK TO s;\nINSERT INTO steps VALUES (2);\nCOMMIT;\n";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(MariaDbShop.Script("1__it", begun + "INSERT INTO missing VALUES (3);"), "kim", default));

        await migrations.ApplyAsync(MariaDbShop.Script("1__it", begun + "INSERT INTO steps VALUES (3);"), "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM steps")).ShouldBe("2,3");
    }

    [Fact]
    public async Task What_a_script_rolled_back_stays_so_where_the_run_is_cut_off_while_that_is_recorded()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(MariaDbShop.Script("0__first", "SELECT 1"), "kim", default);
        // Refuses the second record of the second statement: the first was rolled back with it.
        await shop.ExecuteAsync(
            "DELIMITER //\nCREATE TRIGGER cut BEFORE INSERT ON deployops_statement FOR EACH ROW BEGIN IF NEW.number = 2 THEN SET @met = IFNULL(@met, 0) + 1; "
            + "IF @met = 2 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'cut off'; END IF; END IF; END//\nDELIMITER ;");
        var script = MariaDbShop.Script("1__it", "-- deployops: transaction=none\nBEGIN;\nINSERT INTO steps VALUES (1);\nROLLBACK;\nINSERT INTO steps VALUES (9);");
        (await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default))).Message.ShouldContain("cut off");
        await shop.ExecuteAsync("DROP TRIGGER cut");

        await shop.Open().Migrations.ApplyAsync(script, "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(n ORDER BY n) FROM steps")).ShouldBe("9");
    }

    [Fact]
    public async Task An_undo_statement_by_statement_takes_the_version_out_of_the_history_when_it_has_ended()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(MariaDbShop.Script("1__index", "CREATE INDEX by_note ON orders (note)"), "kim", default);

        await Should.ThrowAsync<DeployOpsException>(migrations.RevertAsync(MariaDbShop.Undo("1__index", "DROP INDEX by_note ON orders; DROP TABLE nothing"), default));
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
        await migrations.RevertAsync(MariaDbShop.Undo("1__index", "DROP INDEX by_note ON orders; DROP TABLE steps"), default);

        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
        (await shop.HasAsync("steps")).ShouldBeFalse();
    }

    // The record of a statement ends the connection that writes it: before it is written, or when it has been and is not committed yet.
    private static async Task KillAtAsync(MariaDbShop shop, int number, bool before)
    {
        await shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("0__history", "SELECT 1"), "kim", default);
        await shop.ExecuteAsync("DELETE FROM deployops_migration");
        foreach (var act in new[] { "INSERT", "UPDATE" })
        {
            await shop.ExecuteAsync(
                $"DELIMITER //\nCREATE TRIGGER cut_{act.ToLowerInvariant()} {(before ? "BEFORE" : "AFTER")} {act} ON deployops_statement FOR EACH ROW BEGIN IF NEW.number = {number} AND NEW.state <> 'failed' THEN KILL CONNECTION CONNECTION_ID(); END IF; END //\nDELIMITER ;");
        }
    }
}
