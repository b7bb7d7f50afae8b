using System.Text;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Migrations.Rehearsal;

public sealed class ProductionComparisonTests
{
    private static readonly StatementTrace First = new() { Number = 1, Line = 1, Text = "UPDATE orders", Duration = TimeSpan.FromSeconds(1), Rows = 10, Locks = ["orders RowExclusiveLock"], WalBytes = 1_000 };
    private static readonly StatementTrace Second = new() { Number = 2, Line = 3, Text = "ALTER TABLE orders", Duration = TimeSpan.FromSeconds(1), Locks = ["orders AccessExclusiveLock"], Rewritten = ["orders"], WalBytes = 1_000 };

    [Fact]
    public void The_same_is_no_difference() => Compare([First, Second], ["orders"]).ShouldBeEmpty();

    [Fact]
    public void A_lock_that_a_statement_before_had_is_none_that_is_new() =>
        Compare([First, Second with { Locks = ["orders AccessExclusiveLock", "orders ShareLock"] }], ["orders"]).ShouldBeEmpty();

    [Theory]
    [InlineData("orders ShareLock", "statement 1 (line 1) UPDATE orders took orders ShareLock, in the rehearsal RowExclusiveLock at most")]
    [InlineData("sales.order lines AccessExclusiveLock", "statement 1 (line 1) UPDATE orders took sales.order lines AccessExclusiveLock, in the rehearsal no lock on it")]
    [InlineData("others ShareUpdateExclusiveLock", null)]
    [InlineData("orders RowExclusiveLock", null)]
    public void A_lock_that_others_wait_for_is_a_warning(string held, string? words)
    {
        var found = Compare([First with { Locks = [held] }, Second], ["orders"]);

        found.Select(difference => difference.Text).ShouldBe(words is null ? [] : [words]);
        found.All(difference => difference.IsWarning).ShouldBeTrue();
    }

    [Fact]
    public void Of_what_runs_outside_of_a_transaction_and_of_what_was_not_traced_locks_are_not_compared()
    {
        var third = new StatementTrace { Number = 3, Line = 5, Text = "LOCK TABLE others", Duration = TimeSpan.Zero, Locks = ["others AccessExclusiveLock"] };

        Compare([First with { Locks = ["others AccessExclusiveLock"], IsOutside = true }, Second, third], ["orders"]).ShouldBeEmpty();
    }

    [Fact]
    public void Rewrites_are_compared_both_ways()
    {
        Compare([First, Second], ["orders", "others"]).ShouldHaveSingleItem().ShouldBe(new ProductionDifference("written anew and not so in the rehearsal: others", IsWarning: true));
        Compare([First, Second], []).ShouldHaveSingleItem().ShouldBe(new ProductionDifference("written anew in the rehearsal and not now: orders", IsWarning: false));
        Compare([First, Second], null).ShouldBeEmpty();
    }

    [Fact]
    public void Rows_and_much_more_of_the_log_are_told()
    {
        Compare([First with { Rows = 11 }, Second], ["orders"]).ShouldHaveSingleItem().ShouldBe(new ProductionDifference("statement 1 (line 1) UPDATE orders touched 11 rows, in the rehearsal 10", IsWarning: false));
        Compare([First, Second with { WalBytes = 5_000_000 }], ["orders"]).ShouldHaveSingleItem().Text.ShouldBe("4.8 MiB logged ahead meanwhile by the whole server, in the rehearsal 2 KiB");
        Compare([First, Second with { WalBytes = 1_000_000 }], ["orders"]).ShouldBeEmpty();
        Compare([First, Second with { WalBytes = null }], ["orders"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_production_did_otherwise_is_warned_of_and_kept_with_what_was_seen()
    {
        using var release = await Release.OpenAsync("When = 'Never'", Release.Database);
        await RehearsedAsync(release, "CREATE TABLE orders (id INTEGER);");
        release.ShopDatabase.Watch = observer =>
        {
            observer.Did(First with { Locks = ["orders ShareLock"] });
            // Again, as where the script is tried once more.
            observer.Did(First with { Rows = 12 });
            observer.Did(Second);
            observer.Rewrote(["orders", "others"]);
            observer.Ended(new MigrationEvidence { Script = "V1__orders.sql" });
            observer.Compares.ShouldBe(release.ShopDatabase.Acts.Count == 0, "the second script was not rehearsed");
        };
        var reporter = new ScriptedReporter();

        var ending = await release.RunAsync(new MigrationPhase(), reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        var evidence = ending.Result.Databases.ShouldHaveSingleItem().Evidence[0];
        evidence.Statements.Select(statement => (statement.Number, statement.Rows)).ShouldBe([(1, 12), (2, null)]);
        evidence.Rewritten.ShouldBe(["orders", "others"]);
        evidence.Differences.ShouldBe(["statement 1 (line 1) UPDATE orders touched 12 rows, in the rehearsal 10", "written anew and not so in the rehearsal: others"]);
        evidence.ToString().ShouldEndWith($", no gate held, other than rehearsed: {string.Join("; ", evidence.Differences)}");
        reporter.Warnings.Where(words => words.Contains("did otherwise", StringComparison.Ordinal)).ShouldBe(["shop: V1__orders.sql did otherwise than on the restored backup: written anew and not so in the rehearsal: others."]);
        ending.Result.Databases[0].Evidence[1].Differences.ShouldBeEmpty();
    }

    private static IReadOnlyList<ProductionDifference> Compare(StatementTrace[] statements, string[]? rewritten) => ProductionComparison.Of(Rehearsed("V1__orders.sql", ""), statements, rewritten);

    private static ScriptRehearsal Rehearsed(string script, string checksum) =>
        new() { Script = script, Version = "1", Checksum = checksum, Duration = TimeSpan.FromSeconds(1), Statements = [First, Second] };

    private static Task RehearsedAsync(Release release, string text) => release.Journal().AppendAsync(new JournalEntry(JournalKind.Captured, "rehearsed")
    {
        Phase = DeploymentPhase.Preparation,
        Target = MigrationRehearsal.CaptureName("shop"),
        Detail = JournalJson.ToNode(new MigrationRehearsal
        {
            Database = "shop",
            Scripts = [Rehearsed("V1__orders.sql", MigrationFolder.Parse([new SqlFile("V1__orders.sql", Encoding.UTF8.GetBytes(text))])[0].Checksum)],
            StartedAt = ScaledTime.Day,
            Duration = TimeSpan.FromSeconds(2),
        }),
    });
}
