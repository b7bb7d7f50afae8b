using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>What is asked within the transaction of a script before it is committed.</summary>
public sealed class PostgreSqlVerifiedTests(PostgreSqlCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)";

    [Fact]
    public async Task A_query_before_the_commit_sees_what_the_script_did_and_nobody_else_does()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        (QueryAnswer? Inside, QueryAnswer? Outside) seen = default;

        await ApplyAsync(shop, async (transaction, token) => seen = (
            await transaction.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token),
            await shop.Open().Validations.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token)));

        (seen.Inside!.Scalar, seen.Outside!.Scalar).ShouldBe(("3", "1"));
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(3L);
    }

    [Fact]
    public async Task A_query_before_the_commit_is_asked_as_one_after_it_whatever_the_script_has_set()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        await shop.ExecuteAsync("DO $$ BEGIN CREATE ROLE nobody_there; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        string? seen = null;

        await shop.Open().Migrations.ApplyAsync(
            PostgreSqlShop.Script("1__set", "INSERT INTO orders VALUES (2); SET search_path = ''; SET ROLE nobody_there;"),
            "kim",
            new Look(async (transaction, token) => seen = (await transaction.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token)).Scalar),
            default);

        seen.ShouldBe("2");
    }

    [Fact]
    public async Task What_throws_before_the_commit_takes_the_script_back()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        var error = await Should.ThrowAsync<DeployOpsException>(ApplyAsync(shop, (_, _) => throw new DeployOpsException("ValidationFailed", FaultKind.Failed, "3 orders.", "Mend it.")));

        error.ErrorId.ShouldBe("ValidationFailed");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(1L);
        (await shop.Open().Migrations.ReadHistoryAsync(default)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("INSERT INTO orders VALUES (9) RETURNING id")]
    [InlineData("SELECT id FROM gone")]
    [InlineData("COMMIT")]
    [InlineData("SELECT nextval('s')")]
    public async Task A_query_that_fails_or_would_change_something_leaves_the_script_as_it_is(string sql)
    {
        await using var shop = await cluster.CreateAsync(Orders + "; CREATE SEQUENCE s");
        DeployOpsException? error = null;

        await ApplyAsync(shop, async (transaction, token) =>
        {
            error = await Should.ThrowAsync<DeployOpsException>(transaction.QueryAsync(sql, 1, text => text, token));
            (await transaction.QueryAsync("SELECT count(*) FROM orders", 1, text => text, token)).Scalar.ShouldBe("3");
        });

        error.ShouldNotBeNull().ErrorId.ShouldBe("ValidationQueryFailed");
        (await shop.ScalarAsync("SELECT count(*) FROM orders")).ShouldBe(3L);
    }

    [Fact]
    public async Task Outside_of_a_transaction_nobody_is_asked()
    {
        await using var shop = await cluster.CreateAsync(Orders);

        await shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "VACUUM orders"), "kim", new Look((_, _) => throw new InvalidOperationException("nobody asks")), default);

        (await shop.Open().Migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    private static Task ApplyAsync(PostgreSqlShop shop, Func<IValidationTarget, CancellationToken, Task> look) =>
        shop.Open().Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "INSERT INTO orders VALUES (2), (3)"), "kim", new Look(look), default);

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
