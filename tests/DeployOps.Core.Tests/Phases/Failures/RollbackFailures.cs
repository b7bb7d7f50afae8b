using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Rollbacks;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Phases.Failures;

internal static class RollbackFailures
{
    internal static IReadOnlyList<FailureCase> All { get; } =
    [
        new("rollback: the old version does not come up", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync();
            release.Shop.Blue.Version = null;
            release.Shop.Build = version => version == "2.3.0" ? null : version;
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': health of blue-1: http://127.0.0.1:8101/healthz: connection refused; 0 of 2 answers in a row were 200, asked # times in #.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' could not be taken back, blue-1 ran 2.3.0 before, green-1 runs 2.4.0, no database was migrated; going back failed (0 steps taken back, 2 of instances and traffic not).
            Next: Its log tells why; the script's output is in the journal. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """) { Cause = "InstanceUnhealthy" },
        new("rollback: the router refuses", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            Stage.Break(release, "weights blue-1 100, green-1 0", "RouterUnreachable", "The router at http://127.0.0.1:8080 does not answer: connection refused.", "See that it runs.");
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': The router at http://127.0.0.1:8080 does not answer: connection refused.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' could not be taken back, blue-1 ran 2.3.0 before, green-1 runs 2.4.0, database shop migrated to 2; going back failed (0 steps taken back, 2 of instances and traffic not).
            Next: See that it runs. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """) { Cause = "RouterUnreachable" },
        new("rollback: the new instance does not stop", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            Stage.Break(release, "stop green-1", "DeployScriptFailed", "deploy.ps1 for green-1 (none) failed: it ended with exit code 4.", "Mend what it names.");
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (none) failed: it ended with exit code 4.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' could not be taken back, database shop migrated to 2; going back failed (1 step taken back, 1 of instances and traffic not).
            Next: Mend what it names. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("rollback: an undo script fails", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            release.ShopDatabase.BeforeAct = act => _ = act == "revert U1__orders.sql" ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "U1__orders.sql:1: table orders is locked (6).", "Correct the script or the data.") : 0;
            return await Stage.BackAsync(release, DatabaseRollback.Down);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'shop: V1__orders.sql': U1__orders.sql:1: table orders is locked (6).
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop migrated to 1, 'shop: V1__orders.sql' could not be taken back; going back failed (3 steps taken back, 0 of instances and traffic not).
            Next: Correct the script or the data. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Down
            """) { Cause = "MigrationScriptFailed" },
        new("rollback: an undo script is missing", "RollbackFailed", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database, without: "migrations/U1__orders.sql");
            (await release.RunAsync(new MigrationPhase())).Error.ShouldBeNull();
            return await Stage.BackAsync(release, DatabaseRollback.Down);
        }, """
            Rollback of shop-2.4.0-1 failed: No undo script for V1__orders.sql, so no script is taken back.
            Production: no instance and no traffic was changed, database shop migrated to 2; going back failed (0 steps taken back, 0 of instances and traffic not).
            Next: Keep the migrated schema with -Database Keep, or bring the backup back with -Database Restore. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep
            """) { Cause = "MigrationUndoMissing" },
        new("rollback: the backup is gone", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            File.Delete(Path.Combine(release.Folder, "shop.db"));
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 failed at 'shop: restored from the backup of 20:00:00 UTC': The backup ~/home/shop/production/windows/shop-2.4.0-1/shop.db is gone.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop holds what is unknown: 'shop: restored from the backup of 20:00:00 UTC' failed on the way; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: Put it back from where backups are kept. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep
            """) { Cause = "BackupMissing" },
        new("rollback: the backup was changed", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            await File.WriteAllTextAsync(Path.Combine(release.Folder, "shop.db"), "11");
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 failed at 'shop: restored from the backup of 20:00:00 UTC': ~/home/shop/production/windows/shop-2.4.0-1/shop.db is not the file that was proven: SHA-256 # then, # now.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop holds what is unknown: 'shop: restored from the backup of 20:00:00 UTC' failed on the way; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: Do not restore it. Use another backup. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep
            """) { Cause = "BackupChanged" },
        new("rollback: a restore would lose rows", "DataLossNotAccepted", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            release.ShopDatabase.Orders = 13;
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 did not begin: Restoring would lose what was written since the backup: shop.orders has 13 rows, 10 in the backup.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, database shop migrated to 2; nothing went back.
            Next: To lose them: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Restore -AcceptDataLoss; to keep them on the migrated schema: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep
            """),
        new("rollback: requests remain before a restore", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            release.Shop.Blue.InFlight = 2;
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 failed: The database is not restored while requests write to it: 2 requests still in flight after #.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop migrated to 2; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: Wait until they have ended, or keep the migrated schema with -Database Keep. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Restore
            """) { Cause = "RestoreTrafficRemains" },
        new("rollback: a restore fails", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            release.ShopDatabase.BeforeRestore = () => throw new DeployOpsException("RestoreFailed", FaultKind.Failed, "shop.db could not be replaced by shop.db.backup: the disk is full.", "Check the disk's space and permissions.");
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 failed at 'shop: restored from the backup of 20:00:00 UTC': shop.db could not be replaced by shop.db.backup: the disk is full.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop holds what is unknown: 'shop: restored from the backup of 20:00:00 UTC' failed on the way; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: Check the disk's space and permissions. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Restore
            """) { Cause = "RestoreFailed" },
        new("rollback: a restore fails and traffic cannot be opened again", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            release.ShopDatabase.BeforeRestore = () =>
            {
                Stage.Break(release, "weights blue-1 100, green-1 0", "RouterUnreachable", "The router at http://127.0.0.1:8080 does not answer: connection refused.", "See that it runs.");
                throw new DeployOpsException("RestoreFailed", FaultKind.Failed, "shop.db could not be replaced by shop.db.backup: the disk is full.", "Check the disk's space and permissions.");
            };
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'traffic: stopped while databases are restored': shop.db could not be replaced by shop.db.backup: the disk is full. Traffic was stopped for the restore and could not be opened again: The router at http://127.0.0.1:8080 does not answer: connection refused.
            Production: which version serves is unknown: 'traffic: stopped while databases are restored' could not be taken back, blue-1 runs 2.3.0, green-1 does not run, database shop holds what is unknown: 'shop: restored from the backup of 20:00:00 UTC' failed on the way; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: See that it runs. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Restore
            """) { Cause = "RestoreTrafficStopped" },
        new("rollback: smoke on the old version fails", "RollbackFailed", async stage =>
        {
            var isOld = true;
            var release = await stage.RolledOutAsync(more: stage.Smoke(_ => new Reply(isOld ? 200 : 500)), prepares: true);
            isOld = false;
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed: The old version has the traffic, but 1 smoke tests: 1 failed; first ~/smoke/1.hurl:2 status: actual 500, expected 200.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """) { Cause = "RollbackSmokeFailed" },
        new("rollback: cancelled", "Cancelled", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            using var cancel = new CancellationTokenSource();
            release.Shop.BeforeAct = async (act, token) =>
            {
                if (act == "stop green-1")
                {
                    await cancel.CancelAsync();
                    token.ThrowIfCancellationRequested();
                }
            };
            return await Stage.BackAsync(release, token: cancel.Token);
        }, """
            Rollback of shop-2.4.0-1 was cancelled at taking back 'green-1: stopped -> 2.4.0': Ctrl+C, or what stopped the pipeline, came while work was in flight.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' was being taken back and not seen to end, database shop migrated to 2; going back was cancelled (1 step taken back, 1 of instances and traffic not).
            Next: Going back is not finished; carry it on: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
    ];
}
