using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Smoke tests on the old version after going back: what passed before the release must pass again.</summary>
internal static class RollbackSmoke
{
    /// <summary>Runs them, where the plan has any and the old version is known to have been tested before.</summary>
    /// <exception cref="DeployOpsException"><c>RollbackSmokeFailed</c>.</exception>
    internal static async Task RequireAsync(PhaseContext context)
    {
        var capture = context.Session.Facts.Captured<RolloutCapture>(RolloutFactory.CaptureName);
        if (context.Plan.Smoke.Count == 0 || capture is null || context.Session.Facts.Captured<List<SmokeCheck>>(SmokeDesk.BaselineName) is not { } baseline)
        {
            return;
        }

        context.Reporter.Progress("Rollback", "smoke tests on the old version");
        var suite = await SmokeDesk.RunAsync(context, DeploymentPhase.Rollback, capture, baseline);
        if (suite.Verdict == GateVerdict.Fail)
        {
            throw new DeployOpsException("RollbackSmokeFailed", FaultKind.Failed, $"The old version has the traffic, but {suite.Summary}.");
        }
    }
}
