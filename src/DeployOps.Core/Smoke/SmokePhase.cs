using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Smoke;

/// <summary>Phase 4: the critical journeys through the router; a failure that the old version did not have goes back at once.</summary>
internal sealed class SmokePhase : IPhase<SmokeResult>
{
    private IReadOnlyList<SmokeCheck> checks = [];

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Smoke, Acts: false, "SmokeFailed");

    public Task<SmokeResult> PlanAsync(PhaseContext context)
    {
        checks = SmokeDesk.Plan(context);
        return Task.FromResult(End(PhaseOutcome.Planned, checks.Count == 0 ? "the plan has no smoke files" : $"{checks.Count} smoke files, {checks.Sum(check => check.Requests)} requests"));
    }

    public async Task<SmokeResult> RunAsync(PhaseContext context)
    {
        if (context.Plan.Smoke.Count == 0)
        {
            return End(PhaseOutcome.Succeeded, "the plan has no smoke files");
        }

        var baseline = context.Session.Facts.Captured<List<SmokeCheck>>(SmokeDesk.BaselineName) ?? [];
        var suite = await SmokeDesk.RunAsync(context, DeploymentPhase.Smoke, version: null, baseline);
        checks = suite.Checks;
        var outcome = suite.Verdict switch
        {
            GateVerdict.Pass => PhaseOutcome.Succeeded,
            GateVerdict.Fail => PhaseOutcome.Failed,
            _ => PhaseOutcome.Inconclusive,
        };

        return End(outcome, outcome == PhaseOutcome.Succeeded ? suite.Summary : PhaseFailure.Sentence(suite.Summary));
    }

    public SmokeResult End(PhaseOutcome outcome, string summary) => new() { Outcome = outcome, Summary = summary, Checks = checks };
}
