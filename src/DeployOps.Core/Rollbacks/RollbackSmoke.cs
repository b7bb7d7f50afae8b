using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Smoke tests on the old version after going back: what passed before the release must pass again.</summary>
internal static class RollbackSmoke
{
    /// <summary>Runs them as they were run on the old version before; where the plan had none, or the old version is not known, nothing is run.</summary>
    /// <exception cref="DeployOpsException"><c>RollbackSmokeFailed</c>.</exception>
    internal static async Task RequireAsync(PlanHistory history, RolloutPlan? rollout)
    {
        var context = history.OfCapture(SmokeDesk.BaselineName);
        if (context.Plan.Smoke.Count == 0 || rollout is null || context.Session.Facts.Captured<List<SmokeCheck>>(SmokeDesk.BaselineName) is not { } baseline)
        {
            return;
        }

        context.Reporter.Progress("Rollback", "smoke tests on the old version");
        var suite = await SmokeDesk.RunAsync(context, DeploymentPhase.Rollback, rollout.OldVersion, baseline);
        if (suite.Verdict == GateVerdict.Fail)
        {
            throw new DeployOpsException("RollbackSmokeFailed", FaultKind.Failed, $"The old version has the traffic, but {PhaseFailure.Sentence(suite.Summary)}");
        }
    }
}
