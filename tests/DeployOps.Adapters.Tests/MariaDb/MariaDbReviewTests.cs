using DeployOps.Phases;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>What is looked at before a script runs, against the server.</summary>
public sealed class MariaDbReviewTests(MariaDbCluster cluster)
{
    private const string Orders = "CREATE TABLE orders (id bigint PRIMARY KEY, number int, note varchar(40), customer bigint); CREATE TABLE customers (id bigint PRIMARY KEY); INSERT INTO orders VALUES (1, 7, NULL, 1), (2, 7, 'two words', 2)";

    [Fact]
    public async Task An_error_stops_the_migration_before_anything_runs()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "CREATE TABLE new (id int);").With("migrations/V2__b.sql", "DROP TABLE orders;");

        var error = await Should.ThrowAsync<DeployOpsException>(migrator.RunAsync());

        error.ErrorId.ShouldBe("MigrationLintRefused");
        error.Message.ShouldStartWith("V2__b.sql:1: DST001 drop-table: ");
        (await shop.HasAsync("new")).ShouldBeFalse();
        (await shop.HasAsync("deployops_migration")).ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_script_allows_runs()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", "-- deployops: destructive reason=\"moved to the archive\"\nDROP TABLE orders;\n-- deployops: allow ENV001 reason=\"loaded in any order\"\nSET foreign_key_checks = 0;");

        (await migrator.RunAsync()).Outcome.ShouldBe(PhaseOutcome.Succeeded);

        (await shop.HasAsync("orders")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("CREATE UNIQUE INDEX u ON orders (number) ALGORITHM=NOCOPY LOCK=NONE", "number=7")]
    [InlineData("ALTER TABLE orders MODIFY note varchar(40) NOT NULL, ALGORITHM=INPLACE, LOCK=NONE", "id=1")]
    [InlineData("ALTER TABLE orders MODIFY note varchar(5), ALGORITHM=COPY", "two words")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT c CHECK (number < 5)", "number=7")]
    [InlineData("ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer) REFERENCES customers (id)", "customer=1")]
    public async Task Rows_that_would_fail_it_stop_it_and_one_of_them_is_shown(string sql, string row)
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__a.sql", sql);

        var error = await Should.ThrowAsync<DeployOpsException>(migrator.RunAsync());

        error.ErrorId.ShouldBe("MigrationLintRefused");
        error.Message.ShouldContain("There is such data now: ");
        error.Message.ShouldContain(row);
    }

    [Fact]
    public async Task Rows_that_fit_let_it_pass()
    {
        await using var shop = await cluster.CreateAsync(Orders + "; UPDATE orders SET number = id, note = 'x'; INSERT INTO customers VALUES (1), (2)");
        using var migrator = new MariaDbMigrator(shop).With(
            "migrations/V1__a.sql",
            "CREATE UNIQUE INDEX u ON orders (number) ALGORITHM=NOCOPY LOCK=NONE; ALTER TABLE orders MODIFY note varchar(40) NOT NULL, ALGORITHM=INPLACE, LOCK=NONE; ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (customer) REFERENCES customers (id)");

        var planned = await migrator.PlanAsync();
        var result = await migrator.RunAsync();

        (planned.Outcome, result.Outcome).ShouldBe((PhaseOutcome.Planned, PhaseOutcome.Succeeded));
        migrator.Warnings.Where(warning => warning.Contains("DAT001", StringComparison.Ordinal)).ShouldBeEmpty();
        migrator.Warnings.ShouldContain(warning => warning.Contains("LCK006 adding-foreign-key-constraint", StringComparison.Ordinal) && warning.Contains("about 2 rows", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_script_before_that_mends_the_rows_lets_it_pass_with_a_warning()
    {
        await using var shop = await cluster.CreateAsync(Orders);
        using var migrator = new MariaDbMigrator(shop).With("migrations/V1__mend.sql", "UPDATE orders SET number = id WHERE number = 7;").With("migrations/V2__unique.sql", "CREATE UNIQUE INDEX u ON orders (number) ALGORITHM=NOCOPY LOCK=NONE");

        (await migrator.PlanAsync()).Outcome.ShouldBe(PhaseOutcome.Planned);
        (await migrator.RunAsync()).Outcome.ShouldBe(PhaseOutcome.Succeeded);

        migrator.Warnings.ShouldContain(warning => warning.Contains("V1__mend.sql:1 writes before", StringComparison.Ordinal));
    }
}
