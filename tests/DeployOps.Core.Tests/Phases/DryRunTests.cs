using DeployOps.Core.Tests.Support;
using DeployOps.Phases;
using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Phases;

public sealed class DryRunTests : IDisposable
{
    private Release? opened;

    [Fact]
    public async Task Phases_are_planned_one_after_another_though_none_has_run()
    {
        opened = await Release.OpenAsync(databases: Release.Database);

        var prepared = await PlanAsync(isDryRun: true);

        prepared.Result.Outcome.ShouldBe(PhaseOutcome.Planned);
    }

    [Fact]
    public async Task What_is_not_dry_waits_for_the_phase_before()
    {
        opened = await Release.OpenAsync(databases: Release.Database);

        await Errors.OfAsync(() => PlanAsync(isDryRun: false), "PhaseOutOfOrder");
    }

    [Theory]
    [InlineData(PhaseOutcome.Failed)]
    [InlineData(PhaseOutcome.Inconclusive)]
    [InlineData(PhaseOutcome.Cancelled)]
    public async Task A_phase_that_ended_otherwise_than_well_stops_a_dry_run_as_it_stops_the_real_one(PhaseOutcome outcome)
    {
        opened = await Release.OpenAsync(databases: Release.Database);
        await opened.EndPhaseAsync(DeploymentPhase.Migration, outcome);

        await Errors.OfAsync(() => PlanAsync(isDryRun: true), "PhaseOutOfOrder");
    }

    public void Dispose() => opened?.Dispose();

    private async Task<PreparedPhase<RolloutResult>> PlanAsync(bool isDryRun) =>
        await new PhaseRunner(opened!.Ports(), new SilentReporter()) { IsDryRun = isDryRun }.PrepareAsync(await opened.WindowAsync(), new RolloutPhase(), CancellationToken.None);
}
