using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>What is asked within the transaction of a script before it is committed.</summary>
public sealed class MariaDbVerifiedTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)";
    private const string Expected = "-- verify: two orders\n-- expect: 2\nSELECT count(*) FROM orders;";

    [Fact]
    public async Task A_query_before_the_commit_sees_what_the_script_did_and_nobody_else_does()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        (QueryAnswer? Inside, QueryAnswer? Outside) seen = default;

        await ApplyAsync(shop, async (transaction, token) => seen = (
            await transaction.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token),
            await shop.Open().Validations.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token)));

        (seen.Inside!.Scalar, seen.Outside!.Scalar).ShouldBe(("3", "1"));
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe("3");
    }

    [Fact]
    public async Task A_query_before_the_commit_is_asked_as_one_after_it_whatever_the_script_has_set()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        string? seen = null;

        await shop.Open().Migrations.ApplyAsync(
            MariaDbShop.Script("1__set", "INSERT INTO orders VALUES (2); SET sql_mode = 'ANSI_QUOTES', sql_select_limit = 0, time_zone = '+05:00'; USE information_schema;"),
            "kim",
            new Look(async (transaction, token) => seen = (await transaction.QueryAsync("SELECT CONCAT(\"n\", COUNT(*), @@time_zone) FROM orders", 1, text => text, token)).Scalar),
            default);

        seen.ShouldBe("n2+00:00");
    }

    [Fact]
    public async Task What_throws_before_the_commit_takes_the_script_back()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(ApplyAsync(shop, (_, _) => throw new DeployOpsException("ValidationFailed", FaultKind.Failed, "3 orders.", "Mend it.")));

        error.ErrorId.ShouldBe("ValidationFailed");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe("1");
        (await shop.Open().Migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("INSERT INTO orders VALUES (9)")]
    [InlineData("SELECT id FROM gone")]
    [InlineData("COMMIT")]
    [InlineData("SELECT 1; DELETE FROM orders")]
    public async Task A_query_that_fails_or_would_change_something_leaves_the_script_as_it_is(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        DeployOpsException? error = null;

        await ApplyAsync(shop, async (transaction, token) =>
        {
            error = await Should.ThrowAsync<DeployOpsException>(transaction.QueryAsync(sql, 1, text => text, token));
            (await transaction.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token)).Scalar.ShouldBe("3");
        });

        error.ShouldNotBeNull().ErrorId.ShouldBe("ValidationQueryFailed");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe("3");
    }

    [Fact]
    public async Task What_a_query_calls_leaves_nothing()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; DELIMITER //\nCREATE FUNCTION sly() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO orders VALUES (9); RETURN 1; END //\nDELIMITER ;");

        await ApplyAsync(shop, async (transaction, token) => (await transaction.QueryAsync("SELECT sly()", 1, text => text, token)).Scalar.ShouldBe("1"));

        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe("3");
    }

    [Theory]
    [InlineData("INSERT INTO orders VALUES (2)", PhaseOutcome.Succeeded)]
    [InlineData("INSERT INTO orders VALUES (2), (3)", PhaseOutcome.Failed)]
    public async Task Validations_that_fail_before_the_commit_leave_nothing_of_the_script(string sql, PhaseOutcome outcome)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "CREATE TABLE early (id bigint);").With("migrations/V2__b.sql", sql).With("validations/orders.sql", Expected);

        var error = await Record.ExceptionAsync(() => migrator.RunAsync(verifyBeforeCommit: true));

        (error is null).ShouldBe(outcome == PhaseOutcome.Succeeded, error?.Message);
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(error is null ? "2" : "1");
        (await shop.Open().Migrations.ReadHistoryAsync(default)).Count.ShouldBe(error is null ? 2 : 1);
    }

    [Theory]
    [InlineData("INSERT INTO orders VALUES (2); ALTER TABLE orders ADD COLUMN a int, ALGORITHM=INSTANT", false)]
    [InlineData("CREATE TABLE late (id bigint)", false)]
    [InlineData("INSERT INTO loose VALUES (2)", true)]
    public async Task Where_the_last_script_cannot_be_taken_back_nothing_of_it_runs(string sql, bool isFoundOutLate)
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE TABLE loose (id int) ENGINE = MyISAM");
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "CREATE TABLE early (id bigint);").With("migrations/V2__b.sql", sql).With("validations/orders.sql", Expected);

        var error = await Should.ThrowAsync<DeployOpsException>(migrator.RunAsync(verifyBeforeCommit: true));

        error.ErrorId.ShouldBe("MigrationVerifyUnsupported");
        error.Message.ShouldStartWith("V2__b.sql cannot be validated before it is committed");
        (await shop.ScalarAsync("SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM loose)")).ShouldBe("1");
        (await shop.HasAsync("early")).ShouldBe(isFoundOutLate);
        (await shop.HasAsync("late")).ShouldBeFalse();
    }

    // The server takes the transaction back that changed less: the script, with the savepoint that the query stands behind.
    [Fact]
    public async Task A_deadlock_that_a_query_meets_is_what_counts_and_the_script_is_run_again()
    {
        await using var shop = await cluster.CreateAsync($"{Orders}; CREATE TABLE many (id int PRIMARY KEY, x int); INSERT INTO many SELECT seq, 0 FROM seq_1_to_1000");
        await using var other = await shop.HoldAsync("UPDATE many SET x = 1");
        var looks = 0;

        await shop.Open().Migrations.ApplyAsync(
            MariaDbShop.Script("1__a", "UPDATE orders SET id = 2"),
            "kim",
            new Look(async (transaction, token) =>
            {
                if (looks++ > 0)
                {
                    return;
                }

                var waiting = new MySqlConnector.MySqlCommand("UPDATE orders SET id = 5; COMMIT", other).ExecuteNonQueryAsync(token);
                await shop.UntilRunsAsync("UPDATE orders SET id = 5%");
                try
                {
                    await transaction.QueryAsync("SELECT x FROM many WHERE id = 1 FOR UPDATE", 1, text => text, token);
                }
                finally
                {
                    await waiting;
                }
            }),
            default);

        looks.ShouldBe(2);
        (await shop.ScalarAsync("SELECT id FROM orders")).ShouldBe("2");
    }

    [Fact]
    public async Task A_script_in_a_mode_of_its_own_is_run_as_it_is_cut()
    {
        await using var shop = await cluster.CreateAsync("CREATE TABLE orders (id int, name varchar(20))");

        await shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__a", @"SET sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'; INSERT INTO ""orders"" VALUES (1, 'a\'); INSERT INTO orders VALUES (2, ';b\');"), "kim", default);

        (await shop.ScalarAsync("SELECT GROUP_CONCAT(name ORDER BY id) FROM orders")).ShouldBe(@"a\,;b\");
    }

    private static Task ApplyAsync(MariaDbShop shop, Func<IValidationTarget, CancellationToken, Task> look) =>
        shop.Open().Migrations.ApplyAsync(MariaDbShop.Script("1__a", "INSERT INTO orders VALUES (2), (3)"), "kim", new Look(look), default);

    private sealed class Look(Func<IValidationTarget, CancellationToken, Task> look) : IMigrationObserver
    {
        public Func<IValidationTarget, CancellationToken, Task>? BeforeCommit => look;

        public void Progress(MigrationProgress progress)
        {
            // Not of interest here.
        }

        public void Ended(MigrationEvidence evidence)
        {
            // Not of interest here.
        }
    }
}
