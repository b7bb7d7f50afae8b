using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>Scripts outside of a transaction that are interrupted, and gone on with.</summary>
public sealed class PostgreSqlResumeTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int, note text); INSERT INTO orders SELECT i, 'n' FROM generate_series(1, 100) i; CREATE TABLE steps (n int, at int)";

    // A statement of its own transaction, one of a transaction of the script, one that runs alone, a setting.
    private const string Script = """
        -- deployops: transaction=none
        SET application_name = 'resumed';
        INSERT INTO steps VALUES (1, pg_backend_pid());
        BEGIN;
        INSERT INTO steps VALUES (2, pg_backend_pid());
        INSERT INTO steps VALUES (3, pg_backend_pid());
        COMMIT;
        CREATE INDEX CONCURRENTLY orders_note ON orders (note);
        COPY steps FROM stdin;
        4	0
        \.
        DROP INDEX CONCURRENTLY orders_note;
        VACUUM orders;
        INSERT INTO steps VALUES (5, pg_backend_pid());
        """;

    [Theory]
    [InlineData("VACUUM orders")]
    [InlineData("CREATE INDEX CONCURRENTLY orders_note ON orders (note)")]
    public async Task What_has_ended_is_recorded_although_the_script_is_stopped_meanwhile(string statement)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__first", "SELECT 1"), "kim", default);
        await shop.ExecuteAsync("""
            CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.state = 'done' THEN PERFORM pg_sleep(2); END IF; RETURN new; END $$;
            CREATE TRIGGER linger BEFORE UPDATE ON deployops.statement FOR EACH ROW EXECUTE FUNCTION linger();
            """);
        using var stop = new CancellationTokenSource();
        var applying = migrations.ApplyAsync(PostgreSqlShop.Script("2__alone", $"{statement};\nANALYZE orders;"), "kim", stop.Token);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");

        await stop.CancelAsync();

        (await Record.ExceptionAsync(() => applying)).ShouldBeAssignableTo<OperationCanceledException>()!.Message.ShouldStartWith("V2__alone.sql was stopped.");
        (await shop.ScalarAsync("SELECT string_agg(number || ' ' || state, ', ' ORDER BY number) FROM deployops.statement")).ShouldBe("1 done");
    }

    public static TheoryData<string> Boundaries => [.. Enumerable.Range(1, 11).SelectMany(number => new[] { $"before {number}", $"after {number}" })];

    [Theory]
    [MemberData(nameof(Boundaries))]
    public async Task A_run_whose_connection_ends_at_a_statements_border_is_gone_on_with_and_every_effect_is_there_once(string boundary)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var cut = int.Parse(boundary.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        await KillAtAsync(shop, cut, before: boundary.StartsWith('b'));
        var script = PostgreSqlShop.Script("1__steps", Script);

        var first = await Record.ExceptionAsync(() => migrations.ApplyAsync(script, "kim", default));
        await shop.ExecuteAsync("DROP TRIGGER IF EXISTS kill ON deployops.statement");
        var error = first.ShouldBeOfType<DeployOpsException>();
        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty(error.Message);

        await migrations.ApplyAsync(script, "kim", default);

        error.Message.ShouldContain("V1__steps.sql");
        (await shop.ScalarAsync("SELECT string_agg(n::text, ',' ORDER BY n) FROM steps")).ShouldBe("1,2,3,4,5");
        (await shop.HasAsync("orders_note")).ShouldBeFalse();
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    [Theory]
    // As pg_dump writes it.
    [InlineData("SELECT pg_catalog.set_config('search_path', 'tenant_b', false);", "tenant_b")]
    [InlineData("SELECT set_config('search_path', 'tenant_b', false) AS path, set_config('application_name'::text, 'it', false);", "tenant_b")]
    [InlineData("SET search_path = 'tenant_b';\nDISCARD ALL;", "public")]
    [InlineData("SET search_path = 'tenant_b';\nRESET ALL;", "public")]
    public async Task What_was_set_for_the_session_is_so_for_the_statements_of_the_next_run_too(string sql, string schema)
    {
        await using var shop = await cluster.CreateAsync("CREATE SCHEMA tenant_b; CREATE TABLE public.t (n int); CREATE TABLE tenant_b.t (n int)");
        var migrations = shop.Open().Migrations;
        var script = $"-- deployops: transaction=none\n{sql}\nVACUUM pg_catalog.pg_class;\n";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + "INSERT INTO t VALUES (1 / 0);"), "kim", default));

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + "INSERT INTO t VALUES (1);"), "kim", default);

        (await shop.ScalarAsync($"SELECT count(*) FROM {schema}.t")).ShouldBe(1L);
        (await shop.ScalarAsync("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")).ShouldBe(0L);
    }

    [Theory]
    [InlineData("CREATE INDEX by_note ON orders (id)", "")]
    [InlineData("CREATE INDEX by_note ON steps (n)", "")]
    [InlineData("", "CREATE INDEX by_note ON steps (n)")]
    public async Task An_index_of_that_name_that_another_made_is_not_taken_for_the_one_that_was_interrupted(string before, string meanwhile)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__first", "SELECT 1"), "kim", default);
        await shop.ExecuteAsync($"""
            {before};
            CREATE FUNCTION die() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); END $$;
            CREATE EVENT TRIGGER die ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION die();
            """);
        var script = PostgreSqlShop.Script("2__alone", "CREATE INDEX CONCURRENTLY by_note ON orders (note)");
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await shop.ExecuteAsync($"DROP EVENT TRIGGER die; {meanwhile}");

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await shop.ExecuteAsync("DROP INDEX by_note");
        await migrations.ApplyAsync(script, "kim", default);

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("relation \"by_note\" already exists");
        (await shop.ScalarAsync("SELECT pg_get_indexdef('by_note'::regclass)")).ShouldBe("CREATE INDEX by_note ON public.orders USING btree (note)");
    }

    [Fact]
    public async Task What_a_run_that_goes_on_discards_leaves_it_its_lock()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var script = "-- deployops: transaction=none\nDISCARD ALL;\n";
        await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + "SELECT 1 / 0;"), "kim", default));
        var going = shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + "SELECT pg_sleep(3);"), "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("2__it", "SELECT 1"), "kim", default));

        error.ErrorId.ShouldBe("MigrationBusy");
        await going;
    }

    [Theory]
    [InlineData("CREATE TEMP TABLE picked AS SELECT 1 AS n;", "INSERT INTO steps SELECT n FROM picked;", "it made something temporary")]
    [InlineData("CREATE LOCAL TEMPORARY TABLE IF NOT EXISTS picked (n int);", "INSERT INTO steps VALUES (1);", "it made something temporary")]
    [InlineData("CREATE TABLE pg_temp.picked (n int);", "INSERT INTO steps VALUES (1);", "it made something temporary")]
    [InlineData("SELECT 1 AS n INTO TEMP picked;", "INSERT INTO steps VALUES (1);", "it made a temporary table")]
    [InlineData("PREPARE pick AS SELECT 1;", "EXECUTE pick;", "it needs a prepared statement")]
    [InlineData("DO $$ BEGIN PERFORM set_config('search_path', 'public', false); END $$;", "INSERT INTO steps VALUES (1);", "what a DO block set or made for its session")]
    [InlineData("DO $$ BEGIN IF true THEN SET work_mem = '8MB'; END IF; END $$;", "INSERT INTO steps VALUES (1);", "what a DO block set or made for its session")]
    [InlineData("DO $$ BEGIN EXECUTE format('SET %I = 1', 'my.tenant'); END $$;", "INSERT INTO steps VALUES (1);", "what a DO block set or made for its session")]
    [InlineData("DO $$ BEGIN CREATE TEMP TABLE picked (n int); END $$;", "INSERT INTO steps VALUES (1);", "what a DO block set or made for its session")]
    [InlineData("SELECT set_config('search_path', current_user, false);", "INSERT INTO steps VALUES (1);", "was made of more than constants")]
    public async Task What_ended_with_the_session_of_an_earlier_run_is_not_gone_on_without(string sql, string next, string words)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var script = $"-- deployops: transaction=none\n{sql}\n";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + "SELECT 1 / 0;"), "kim", default));

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + next), "kim", default));

        error.ErrorId.ShouldBe("MigrationInterrupted");
        error.Message.ShouldContain(words);
        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(0L);
    }

    [Theory]
    [InlineData("CREATE TEMP TABLE picked (n int);\nDROP TABLE picked;")]
    [InlineData("CREATE TEMP TABLE picked (n int);\nDISCARD TEMP;")]
    [InlineData("BEGIN;\nCREATE TEMP TABLE picked ON COMMIT DROP AS SELECT 1 AS n;\nCOMMIT;")]
    [InlineData("PREPARE pick AS SELECT 1;\nEXECUTE pick;\nDEALLOCATE pick;")]
    [InlineData("DO $$ BEGIN SET LOCAL work_mem = '8MB'; UPDATE orders SET note = 'a'; EXECUTE format('UPDATE %I SET note = 1', 'orders'); END $$;")]
    [InlineData("PREPARE pick AS SELECT 1;")]
    public async Task What_had_ended_before_the_interruption_is_not_missed(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var script = $"-- deployops: transaction=none\n{sql}\n";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + "SELECT 1 / 0;"), "kim", default));

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", script + "INSERT INTO steps VALUES (1);"), "kim", default);

        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_statement_that_fails_is_told_with_what_is_committed_and_may_be_corrected()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(
            migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);\nVACUUM orders;\nINSERT INTO stepz VALUES (2);\nINSERT INTO steps VALUES (3);"), "kim", default));
        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("V1__it.sql:4: relation \"stepz\" does not exist (42P01). Statement 3 (line 4) failed. The 2 before it are committed and stay; the next run continues with it.");
        (await shop.ScalarAsync("SELECT state || ' ' || sqlstate FROM deployops.statement WHERE number = 3")).ShouldBe("failed 42P01");

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);\nVACUUM orders;\nINSERT INTO steps VALUES (2);\nINSERT INTO steps VALUES (3);"), "kim", default);

        (await shop.ScalarAsync("SELECT string_agg(n::text, ',' ORDER BY n) FROM steps")).ShouldBe("1,2,3");
    }

    [Fact]
    public async Task A_failure_within_a_transaction_of_the_scripts_own_says_where_the_next_run_begins()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "VACUUM orders;\nBEGIN;\nINSERT INTO steps VALUES (1);\nINSERT INTO stepz VALUES (2);\nCOMMIT;"), "kim", default));

        error.Message.ShouldContain("Statement 4 (line 4) failed. The one before it is committed and stays; the next run continues with statement 2, which begins its transaction.");
        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(0L);
    }

    [Fact]
    public async Task Rows_to_be_copied_that_meet_a_lock_are_copied_by_the_next_run_all_of_them()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        var script = PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nCOPY steps (n) FROM stdin;\n1\n2\n\\.\n");
        await using var other = await shop.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await new NpgsqlCommand("LOCK TABLE steps", other).ExecuteNonQueryAsync();

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        await transaction.RollbackAsync();
        await migrations.ApplyAsync(script, "kim", default);

        error.ErrorId.ShouldBe("MigrationLockTimeout");
        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(2L);
    }

    [Fact]
    public async Task What_is_in_effect_may_not_change_its_text()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);\nINSERT INTO stepz VALUES (2);"), "kim", default));

        var changed = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nINSERT INTO steps VALUES (7);\nINSERT INTO steps VALUES (2);"), "kim", default));
        var whole = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "INSERT INTO steps VALUES (1);\nINSERT INTO steps VALUES (2);"), "kim", default));

        changed.ErrorId.ShouldBe("MigrationInterrupted");
        changed.Message.ShouldContain("V1__it.sql:2: statement 1 is in effect from a run that was interrupted, and its text has changed since.");
        whole.ErrorId.ShouldBe("MigrationInterrupted");
        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(1L);
    }

    [Fact]
    public async Task What_cannot_be_known_is_left_to_a_person()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO steps VALUES (1); COMMIT; PERFORM pg_sleep(60); END $$");
        var migrations = shop.Open().Migrations;
        var script = PostgreSqlShop.Script("1__call", "CALL fill();");
        var applying = migrations.ApplyAsync(script, "kim", default);
        await shop.UntilAsync("SELECT count(*) = 1 FROM steps");
        await shop.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'deployops/V1__call.sql'");
        await Should.ThrowAsync<DeployOpsException>(applying);

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        error.ErrorId.ShouldBe("MigrationInterrupted");
        error.Message.ShouldContain("V1__call.sql:1: an earlier run ended while statement 1 ran, and it cannot be told whether it took effect, or which part of it: it may commit while it runs.");
        await shop.ExecuteAsync(error.Message[error.Message.IndexOf("UPDATE", StringComparison.Ordinal)..error.Message.IndexOf(", or once what", StringComparison.Ordinal)]);
        await migrations.ApplyAsync(script, "kim", default);

        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(1L);
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("CALL fill();")]
    [InlineData("-- deployops: transaction=none\nDO $$ BEGIN INSERT INTO steps VALUES (1); COMMIT; RAISE EXCEPTION 'half way' USING ERRCODE = '40001'; END $$;")]
    public async Task What_committed_a_part_of_itself_and_failed_is_not_run_again_until_somebody_has_looked(string sql)
    {
        await using var shop = await cluster.CreateAsync(
            Orders + "; CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO steps VALUES (1); COMMIT; RAISE EXCEPTION 'half way' USING ERRCODE = '55P03'; END $$");
        var migrations = shop.Open().Migrations;
        var script = PostgreSqlShop.Script("1__call", sql);

        var first = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        var second = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));

        first.Message.ShouldContain("half way");
        first.Message.ShouldContain("failed while it ran by itself, where it may commit: what it had committed until then is in effect and stays. Nothing before it is in effect; the next run does not run it again until somebody has looked, and says how.");
        second.ErrorId.ShouldBe("MigrationInterrupted");
        second.Message.ShouldContain("statement 1 failed in an earlier run: half way (");
        second.Message.ShouldContain("Look at the rows that it writes");
        second.Message.ShouldContain("DELETE FROM deployops.statement WHERE migration = 1 AND number = 1");
        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(1L);
        (await migrations.IsHalfAppliedAsync(script.Version, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_call_that_is_refused_before_it_ran_may_be_corrected()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE PROCEDURE fill() LANGUAGE sql AS $$ INSERT INTO steps VALUES (1) $$");
        var migrations = shop.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__call", "CALL fil();"), "kim", default));

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__call", "CALL fill();"), "kim", default);

        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_script_that_has_become_shorter_than_what_is_in_effect_of_it_is_refused()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        const string begun = "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);\nINSERT INTO steps VALUES (2);\n";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", begun + "INSERT INTO missing VALUES (3);"), "kim", default));

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);"), "kim", default));

        error.ErrorId.ShouldBe("MigrationInterrupted");
        error.Message.ShouldContain("2 statements of it are, or may be, in effect from a run that was interrupted, and now it has 1.");
        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
        var half = (await migrations.ReadBegunAsync(default)).ShouldHaveSingleItem();
        (half.FileName, half.IsUndo, half.Statements, half.AppliedBy).ShouldBe(("V1__it.sql", false, 2, "kim"));
    }

    [Fact]
    public async Task Rows_that_were_copied_may_not_change_either()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        const string copy = "-- deployops: transaction=none\nCOPY steps (n) FROM stdin;\n1\n{0}\n\\.\nINSERT INTO {1} VALUES (3);";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", string.Format(null, copy, 2, "missing")), "kim", default));

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", string.Format(null, copy, 7, "steps")), "kim", default));
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", string.Format(null, copy, 2, "steps")), "kim", default);

        error.Message.ShouldContain("V1__it.sql:2: statement 1 is in effect from a run that was interrupted, and its text has changed since.");
        (await shop.ScalarAsync("SELECT string_agg(n::text, ',' ORDER BY n) FROM steps")).ShouldBe("1,2,3");
    }

    [Fact]
    public async Task A_statement_that_may_be_in_effect_is_not_forgotten_for_another_text()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO steps VALUES (1); COMMIT; RAISE EXCEPTION 'half way'; END $$");
        var migrations = shop.Open().Migrations;
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__call", "CALL fill();"), "kim", default));

        var error = await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__call", "-- deployops: transaction=none\nINSERT INTO steps VALUES (2);"), "kim", default));

        error.Message.ShouldContain("statement 1 may be in effect from a run that was interrupted, and its text has changed since.");
        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(1L);
    }

    [Fact]
    public async Task A_role_that_does_not_know_the_history_runs_a_script_outside_of_a_transaction()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync($"{Orders}; CREATE ROLE {role}; GRANT ALL ON steps, orders TO {role}; ALTER TABLE steps ADD who text DEFAULT current_user");
        var migrations = shop.Open().Migrations;

        await migrations.ApplyAsync(
            PostgreSqlShop.Script("1__role", $"""
                -- deployops: transaction=none
                SET ROLE {role};
                INSERT INTO steps VALUES (1);
                BEGIN;
                INSERT INTO steps VALUES (2);
                SET LOCAL ROLE postgres;
                INSERT INTO steps VALUES (3);
                COMMIT;
                INSERT INTO steps VALUES (4);
                RESET ROLE;
                SET SESSION AUTHORIZATION {role};
                INSERT INTO steps VALUES (5);
                BEGIN;
                RESET SESSION AUTHORIZATION;
                INSERT INTO steps VALUES (6);
                COMMIT;
                INSERT INTO steps VALUES (7);
                SET ROLE {role};
                """),
            "kim",
            default);

        (await shop.ScalarAsync("SELECT string_agg(n || CASE who WHEN 'postgres' THEN 'p' ELSE 'a' END, ' ' ORDER BY n) FROM steps")).ShouldBe("1a 2a 3p 4a 5a 6p 7p");
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
        (await shop.ScalarAsync("SELECT count(*) FROM deployops.statement WHERE state = 'done'")).ShouldBe(17L);
        await shop.ExecuteAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task An_index_that_cannot_be_removed_does_not_hide_why_it_failed()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("0__history", "SELECT 1"), "kim", default);
        // Whoever reads the table keeps the index from being dropped, and not from being made.
        await shop.ExecuteAsync("CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'nothing is dropped here'; END $$; CREATE EVENT TRIGGER refuse ON sql_drop EXECUTE FUNCTION refuse()");

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__index", "CREATE UNIQUE INDEX CONCURRENTLY orders_note ON orders (note)"), "kim", default));

        error.ErrorId.ShouldBe("MigrationScriptFailed");
        error.Message.ShouldContain("could not create unique index \"orders_note\"");
        error.Message.ShouldContain("An invalid index that it left could not be dropped (nothing is dropped here (P0001)): drop it with DROP INDEX CONCURRENTLY, or let the next run do it.");
        (await shop.ScalarAsync("SELECT state || ' ' || sqlstate FROM deployops.statement WHERE migration = 2")).ShouldBe("failed 23505");
    }

    [Fact]
    public async Task A_stop_that_comes_when_a_lone_statement_has_ended_does_not_forget_that_it_was_done()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO steps VALUES (1); COMMIT; END $$");
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("0__history", "SELECT 1"), "kim", default);
        // The record that it is done waits, and meanwhile the script is stopped.
        await shop.ExecuteAsync("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$; CREATE TRIGGER wait BEFORE UPDATE ON deployops.statement FOR EACH ROW EXECUTE FUNCTION wait()");
        using var stop = new CancellationTokenSource();
        var script = PostgreSqlShop.Script("1__call", "CALL fill();\nCALL fill();");
        var applying = migrations.ApplyAsync(script, "kim", stop.Token);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep')");

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(applying);
        await shop.ExecuteAsync("DROP TRIGGER wait ON deployops.statement");
        (await shop.ScalarAsync("SELECT string_agg(state, ' ') FROM deployops.statement")).ShouldBe("done");
        await migrations.ApplyAsync(script, "kim", default);

        (await shop.ScalarAsync("SELECT count(*) FROM steps")).ShouldBe(2L);
    }

    [Fact]
    public async Task An_index_that_fails_is_removed_and_the_script_says_so()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;

        var error = await Should.ThrowAsync<DeployOpsException>(
            migrations.ApplyAsync(PostgreSqlShop.Script("1__index", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note)"), "kim", default));

        error.Message.ShouldContain("could not create unique index \"orders_note\"");
        error.Message.ShouldContain("The invalid index public.orders_note that it left was dropped.");
        (await shop.HasAsync("orders_note")).ShouldBeFalse();
        await shop.ExecuteAsync("UPDATE orders SET note = id::text");
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__index", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note)"), "kim", default);
        (await shop.ScalarAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_note'::regclass")).ShouldBe(true);
    }

    [Fact]
    public async Task An_index_whose_name_the_server_cuts_is_made_and_known_again()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var name = new string('i', 70);
        var script = PostgreSqlShop.Script("1__index", $"CREATE INDEX CONCURRENTLY {name} ON orders (note)");

        await shop.Open().Migrations.ApplyAsync(script, "kim", default);

        (await shop.ScalarAsync($"SELECT indisvalid FROM pg_index WHERE indexrelid = '{name[..63]}'::regclass")).ShouldBe(true);
        (await shop.Open().Migrations.ReadHistoryAsync(default)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_index_that_another_account_is_making_is_not_taken_for_one_that_was_left()
    {
        var role = $"app_{Guid.NewGuid():N}";
        await using var shop = await cluster.CreateAsync(Orders + $"; CREATE ROLE {role} LOGIN PASSWORD 'app'; ALTER TABLE orders OWNER TO {role}");
        await shop.ExecuteAsync($"GRANT CREATE ON DATABASE {shop.Name} TO {role}; GRANT ALL ON SCHEMA public TO {role}");
        await using var old = await shop.ConnectAsync();
        await using var transaction = await old.BeginTransactionAsync();
        await new NpgsqlCommand("SELECT txid_current(); LOCK TABLE orders IN ROW EXCLUSIVE MODE", old).ExecuteNonQueryAsync();
        var making = shop.ExecuteAsync("CREATE INDEX CONCURRENTLY by_somebody ON orders (note)");
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('by_somebody') AND NOT indisvalid)");

        var error = await Should.ThrowAsync<DeployOpsException>(shop.Open(connectionString: $"{shop.ConnectionString};Username={role};Password=app").Migrations.ApplyAsync(
            PostgreSqlShop.Script("1__index", "CREATE INDEX CONCURRENTLY by_somebody ON orders (note)"), "kim", default));
        await transaction.RollbackAsync();
        await making;

        error.ErrorId.ShouldBe("MigrationBusy");
        error.Message.ShouldContain("Another session is making the index public.by_somebody at this moment.");
        (await shop.ScalarAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_somebody'::regclass")).ShouldBe(true);
        await shop.ExecuteAsync($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}");
    }

    [Fact]
    public async Task An_invalid_index_that_is_there_is_made_anew()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await Should.ThrowAsync<PostgresException>(shop.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY \"Orders Note\" ON orders (note)"));

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__index", "CREATE INDEX CONCURRENTLY IF NOT EXISTS \"Orders Note\" ON public.orders (note)"), "kim", default);

        (await shop.ScalarAsync("SELECT indisvalid AND NOT indisunique FROM pg_index WHERE indexrelid = '\"Orders Note\"'::regclass")).ShouldBe(true);
    }

    [Fact]
    public async Task A_concurrent_index_that_meets_the_scripts_lock_timeout_is_tried_again()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await shop.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await new NpgsqlCommand("SELECT count(*) FROM steps; SELECT txid_current()", other).ExecuteNonQueryAsync();
        var applying = shop.Open(pace: PostgreSqlShop.Quick with { Tries = 100 }).Migrations.ApplyAsync(
            PostgreSqlShop.Script("1__index", "SET lock_timeout = '150ms'; CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_note ON orders (note)"), "kim", default);
        await shop.UntilAsync("SELECT to_regclass('deployops.statement') IS NOT NULL");
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM deployops.statement WHERE state = 'failed')");

        await transaction.RollbackAsync();
        await applying;

        (await shop.ScalarAsync("SELECT count(*) = 1 AND bool_and(indisvalid) FROM pg_index WHERE indrelid = 'orders'::regclass")).ShouldBe(true);
    }

    [Fact]
    public async Task A_second_runner_does_not_keep_a_concurrent_index_from_being_made()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await using var other = await shop.ConnectAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await new NpgsqlCommand("SELECT txid_current(); LOCK TABLE orders IN ROW EXCLUSIVE MODE", other).ExecuteNonQueryAsync();
        var script = PostgreSqlShop.Script("1__index", "CREATE INDEX CONCURRENTLY orders_note ON orders (note)");
        var first = shop.Open().Migrations.ApplyAsync(script, "kim", default);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE datname = current_database())");
        var second = shop.Open(pace: PostgreSqlShop.Quick with { RunnerWait = TimeSpan.FromSeconds(2) }).Migrations.ApplyAsync(script, "sam", default);
        await Task.Delay(500);

        await transaction.RollbackAsync();
        await first;
        var error = await Should.ThrowAsync<DeployOpsException>(second);

        error.ErrorId.ShouldBeOneOf("MigrationAlreadyApplied", "MigrationBusy");
        (await shop.ScalarAsync("SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_note'::regclass")).ShouldBe(true);
    }

    [Fact]
    public async Task Cancelling_between_statements_says_what_is_left_and_the_next_run_goes_on()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        using var stop = new CancellationTokenSource();
        var applying = migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);\nINSERT INTO steps SELECT 2 FROM pg_sleep(60);"), "kim", stop.Token);
        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)' AND state = 'active' AND pid <> pg_backend_pid())");

        await stop.CancelAsync();
        var stopped = await Record.ExceptionAsync(() => applying);
        stopped.ShouldBeOfType<OperationCanceledException>().Message.ShouldBe("V1__it.sql was stopped. Statement 2 (line 3) was interrupted. The one before it is committed and stays; the next run continues with it.");
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);\nINSERT INTO steps SELECT 2;"), "kim", default);

        (await shop.ScalarAsync("SELECT string_agg(n::text, ',' ORDER BY n) FROM steps")).ShouldBe("1,2");
    }

    [Fact]
    public async Task What_a_savepoint_took_back_is_not_run_when_the_script_goes_on()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        const string begun = "-- deployops: transaction=none\nBEGIN;\nSAVEPOINT s;\nINSERT INTO steps VALUES (1);\nROLLBACK TO s;\nINSERT INTO steps VALUES (2);\nCOMMIT;\n";
        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(PostgreSqlShop.Script("1__it", begun + "INSERT INTO missing VALUES (3);"), "kim", default));

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", begun + "INSERT INTO steps VALUES (3);"), "kim", default);

        (await shop.ScalarAsync("SELECT string_agg(n::text, ',' ORDER BY n) FROM steps")).ShouldBe("2,3");
    }

    [Fact]
    public async Task A_script_that_ended_between_its_statements_is_half_applied_until_it_is_whole()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        const string begun = "-- deployops: transaction=none\nINSERT INTO steps VALUES (1);\n";
        var script = PostgreSqlShop.Script("1__it", begun + "INSERT INTO missing VALUES (2);");
        (await migrations.IsHalfAppliedAsync(script.Version, default)).ShouldBeFalse();

        await Should.ThrowAsync<DeployOpsException>(migrations.ApplyAsync(script, "kim", default));
        var half = await migrations.IsHalfAppliedAsync(script.Version, default);
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__it", begun + "INSERT INTO steps VALUES (2);"), "kim", default);

        half.ShouldBeTrue();
        (await migrations.IsHalfAppliedAsync(script.Version, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task An_undo_outside_of_a_transaction_takes_the_version_out_of_the_history_when_it_has_ended()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        var migrations = shop.Open().Migrations;
        await migrations.ApplyAsync(PostgreSqlShop.Script("1__index", "CREATE INDEX CONCURRENTLY orders_note ON orders (note)"), "kim", default);

        await Should.ThrowAsync<DeployOpsException>(migrations.RevertAsync(PostgreSqlShop.Undo("1__index", "DROP INDEX CONCURRENTLY orders_note; VACUUM nothing"), default));
        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
        await migrations.RevertAsync(PostgreSqlShop.Undo("1__index", "DROP INDEX CONCURRENTLY orders_note; VACUUM orders"), default);

        (await migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
        (await shop.HasAsync("orders_note")).ShouldBeFalse();
    }

    // The record of a statement, as it is written or when it is committed, ends the connection that writes it.
    private static async Task KillAtAsync(PostgreSqlShop shop, int number, bool before)
    {
        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("0__history", "SELECT 1"), "kim", default);
        await shop.ExecuteAsync("DELETE FROM deployops.migration");
        var when = before ? "BEFORE INSERT OR UPDATE ON deployops.statement FOR EACH ROW" : "AFTER INSERT OR UPDATE ON deployops.statement DEFERRABLE INITIALLY DEFERRED FOR EACH ROW";
        await shop.ExecuteAsync($"CREATE FUNCTION kill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$");
        await shop.ExecuteAsync($"CREATE {(before ? "" : "CONSTRAINT ")}TRIGGER kill {when} WHEN (NEW.number = {number}) EXECUTE FUNCTION kill()");
    }
}
