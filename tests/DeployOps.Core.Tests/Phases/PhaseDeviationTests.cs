using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Phases;

/// <summary>A phase that goes on against what is refused: what a reason can do, and what none can.</summary>
public sealed class PhaseDeviationTests : IDisposable
{
    private static readonly Func<PhaseContext, Task<PhaseOutcome>> Succeeds = _ => Task.FromResult(PhaseOutcome.Succeeded);

    private Release? opened;

    [Fact]
    public async Task One_reason_goes_against_nothing_that_was_not_told()
    {
        var release = await OpenAsync(databases: Release.Database);
        release.Write("deploy.ps1", "'deploys otherwise'");
        var reporter = new ScriptedReporter();

        var refused = await Errors.OfAsync(() => release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Succeeds)), "PhaseOutOfOrder");
        await release.RunAsync(new FakePhase(DeploymentPhase.Rollout, Succeeds), reporter, "agreed");

        refused.Message.ShouldContain("Migration has not ended");
        refused.Message.ShouldContain("deploy.ps1 changed");
        reporter.Warnings.Select(warning => warning.Split(':')[0]).ShouldBe(["It goes on against PhaseOutOfOrder", "It goes on against PlanChanged"]);
    }

    [Fact]
    public async Task Changed_files_are_refused_or_taken_with_a_reason_and_then_in_force()
    {
        var release = await OpenAsync();
        release.Write("deploy.ps1", "'deploys otherwise'");
        string? text = null;
        var phase = new FakePhase(DeploymentPhase.Rollout, context =>
        {
            text = context.Files.Text(context.Plan.Rollout!.Deploy);
            return Task.FromResult(PhaseOutcome.Succeeded);
        });

        var refused = await Errors.OfAsync(() => release.RunAsync(phase), "PlanChanged");
        await release.RunAsync(phase, deviation: "the script was mended");
        release.Write("deploy.ps1", "'deploys'");

        refused.Message.ShouldContain("deploy.ps1");
        text.ShouldBe("'deploys otherwise'");
        await using var session = await WindowSession.OpenAsync(release.Folder, release.Ports());
        WindowPlan.InForce(session, release.Ports()).Changes!.Message.ShouldContain("deploy.ps1");
    }

    [Fact]
    public async Task Planned_with_a_reason_it_is_planned_by_what_is_on_the_disk()
    {
        var release = await OpenAsync();
        release.Write("deploy.ps1", "'deploys otherwise'");
        string? text = null;
        var phase = new FakePhase(DeploymentPhase.Rollout, Succeeds) { OnPlan = context => text = context.Files.Text(context.Plan.Rollout!.Deploy) };

        await new PhaseRunner(release.Ports(), new SilentReporter(), "the script was mended").PrepareAsync(await release.WindowAsync(), phase, CancellationToken.None);

        text.ShouldBe("'deploys otherwise'");
    }

    [Theory]
    [InlineData("Service = 'shop'", "Service = 'till'", "PlanOfAnotherRelease", "takes shop 2.4.0 to production, but ~ now takes till 2.4.0 to production")]
    [InlineData("Environment = 'production'", "Environment = 'staging'", "PlanOfAnotherRelease", "shop 2.4.0 to staging")]
    [InlineData("Release = '2.4.0'", "Release = '2.5.0'", "PlanOfAnotherRelease", "shop 2.5.0 to production")]
    [InlineData("Data Source=shop.db", "Data Source=other.db", "NotBackedUp", "Database shop is not one that was backed up")]
    [InlineData("Name = 'shop'; Kind", "Name = 'more'; Kind", "NotBackedUp", "Database more is not one that was backed up")]
    [InlineData("Service = 'shop'", "Service = 'shop'; Configuration = @( @{ Name = 'settings'; Path = 'migrations' } )", "NotBackedUp", "Configuration settings is not one that was backed up")]
    [InlineData("Strategy = 'BlueGreen'", "Strategy = 'Sideways'", "PlanInvalid", "Rollout.Strategy 'Sideways'")]
    [InlineData("Migrations = 'migrations'", "Migrations = 'broken'", "PlanInvalid", "broken.sql")]
    public async Task There_are_files_that_no_reason_takes_into_force(string from, string to, string id, string says)
    {
        var release = await OpenAsync(databases: Release.Database);
        release.Write("broken/broken.sql", "SELECT 1;");
        release.Write("plan.psd1", (await File.ReadAllTextAsync(release.PlanPath, TestContext.Current.CancellationToken)).Replace(from, to, StringComparison.Ordinal));
        var phase = new FakePhase(DeploymentPhase.Migration, Succeeds);
        var before = (await release.RecordsAsync()).Count(record => record.Kind == JournalKind.Deviation);

        var error = await Errors.OfAsync(() => release.RunAsync(phase, deviation: "we want to"), id);

        error.Message.Replace(release.PlanPath, "~", StringComparison.Ordinal).ShouldContain(says);
        phase.Runs.ShouldBe(0);
        (await release.RecordsAsync()).Count(record => record.Kind == JournalKind.Deviation).ShouldBe(before);
    }

    [Fact]
    public async Task Scripts_that_a_deviation_brings_are_applied_after_what_had_begun()
    {
        var release = await OpenAsync(rollback: "When = 'Never'", databases: Release.Database);
        release.ShopDatabase.BeforeAct = act => _ = act == "apply V2__notes.sql" ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "no such table") : 0;
        (await release.RunAsync(new MigrationPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Failed);
        release.ShopDatabase.BeforeAct = _ => { };
        File.Delete(Path.Combine(release.Root, "migrations/V2__notes.sql"));
        File.Delete(Path.Combine(release.Root, "migrations/U2__notes.sql"));
        release.Write("migrations/V3__notes.sql", "CREATE TABLE better (id INTEGER);");

        var ending = await release.RunAsync(new MigrationPhase(), deviation: "V2 was wrong");

        ending.Error.ShouldBeNull();
        release.ShopDatabase.Acts.ShouldBe(["apply V1__orders.sql", "apply V3__notes.sql"]);
    }

    public void Dispose() => opened?.Dispose();

    private async Task<Release> OpenAsync(string rollback = "When = 'Automatic'", string databases = "", TimeSpan? duration = null, string more = "") =>
        opened = await Release.OpenAsync(rollback, databases, duration, more);
}
