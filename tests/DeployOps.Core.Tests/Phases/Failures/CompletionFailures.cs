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
    ];
}
