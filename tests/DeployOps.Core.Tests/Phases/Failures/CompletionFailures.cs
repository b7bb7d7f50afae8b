using DeployOps.Reports;

namespace DeployOps.Core.Tests.Phases.Failures;

internal static class CompletionFailures
{
    internal static IReadOnlyList<FailureCase> All { get; } =
    [
        new("completion: an old instance is not drained", "InstanceNotDrained", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            release.Shop.Blue.InFlight = 2;
            return await Stage.CompleteAsync(release);
        }, """
            Completion of shop-2.4.0-1 failed at 'blue-1: 2.3.0 -> stopped': blue-1 is not stopped while it serves requests: 2 requests still in flight after #. 2.4.0 has passed and serves.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), what blue-1 runs without traffic is unknown: 'blue-1: 2.3.0 -> stopped' failed on the way, database shop migrated to 2; nothing went back.
            Next: Wait until they have ended. Get-DeploymentWindow shop-2.4.0-1 | Complete-DeploymentWindow
            """),
        new("completion: an old instance is not stopped", "DeployScriptFailed", async stage =>
        {
            var release = await stage.RolledOutAsync();
            Stage.Break(release, "stop blue-1", "DeployScriptFailed", "deploy.ps1 for blue-1 (none) failed: it ended with exit code 3.", "Mend what it names.");
            return await Stage.CompleteAsync(release);
        }, """
            Completion of shop-2.4.0-1 failed at 'blue-1: 2.3.0 -> stopped': deploy.ps1 for blue-1 (none) failed: it ended with exit code 3. 2.4.0 has passed and serves.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), what blue-1 runs without traffic is unknown: 'blue-1: 2.3.0 -> stopped' failed on the way, no database was migrated; nothing went back.
            Next: Mend what it names. Get-DeploymentWindow shop-2.4.0-1 | Complete-DeploymentWindow
            """),
        new("completion: the new version does not answer any more", "NewVersionUnwell", async stage =>
        {
            var release = await stage.RolledOutAsync();
            release.Shop.Green.IsHealthy = false;
            return await Stage.CompleteAsync(release);
        }, """
            Completion of shop-2.4.0-1 failed at 'blue-1: 2.3.0 -> stopped': blue-1 is not stopped: green-1 does not answer as a healthy 2.4.0 any more. 2.4.0 has passed and serves.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), what blue-1 runs without traffic is unknown: 'blue-1: 2.3.0 -> stopped' failed on the way, no database was migrated; nothing went back.
            Next: See what became of it, or go back while the old version still runs. Get-DeploymentWindow shop-2.4.0-1 | Complete-DeploymentWindow
            """),
        new("completion: an old instance is told to stop and goes on", "InstanceNotStopped", async stage =>
        {
            var release = await stage.RolledOutAsync();
            release.Shop.BeforeAct = (act, _) =>
            {
                release.Shop.Blue.IsTaken |= act == "stop blue-1";
                return Task.CompletedTask;
            };
            return await Stage.CompleteAsync(release);
        }, """
            Completion of shop-2.4.0-1 failed at 'blue-1: 2.3.0 -> stopped': blue-1 still answers: status 404, # after the deploy script was told to stop it. 2.4.0 has passed and serves.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), what blue-1 runs without traffic is unknown: 'blue-1: 2.3.0 -> stopped' failed on the way, no database was migrated; nothing went back.
            Next: See that the script stops the instance for version 'none'. Get-DeploymentWindow shop-2.4.0-1 | Complete-DeploymentWindow
            """),
        new("completion: cancelled", "Cancelled", async stage =>
        {
            var release = await stage.RolledOutAsync();
            using var cancel = new CancellationTokenSource();
            release.Shop.BeforeAct = async (_, _) =>
            {
                await cancel.CancelAsync();
                throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "deploy.ps1 for blue-1 (none) failed: it ended with exit code 130.", "Mend what it names.");
            };
            return await Stage.ErrorAsync(release, new CompletionPhase(), token: cancel.Token);
        }, """
            Completion of shop-2.4.0-1 was cancelled at 'blue-1: 2.3.0 -> stopped': Ctrl+C, or what stopped the pipeline, came while work was in flight. It ended with: deploy.ps1 for blue-1 (none) failed: it ended with exit code 130.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), what blue-1 runs without traffic is unknown: 'blue-1: 2.3.0 -> stopped' was begun and not seen to end, no database was migrated; nothing went back.
            Next: Get-DeploymentWindow shop-2.4.0-1 | Complete-DeploymentWindow
            """),
        new("completion: a phase has not passed", "PhaseOutOfOrder", async stage => await Stage.CompleteAsync(await stage.OpenAsync()), """
            Completion of shop-2.4.0-1 did not begin: Rollout has not ended, and Completion comes after that.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Run what is missing first, or give a reason with -Deviation. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
    ];
}
