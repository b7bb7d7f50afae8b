using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

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
        new("rollback: the backup is gone", "BackupMissing", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            File.Delete(Path.Combine(release.Folder, "shop.db"));
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 did not begin: The backup ~/home/shop/production/windows/shop-2.4.0-1/shop.db is gone.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, database shop migrated to 2; nothing went back.
            Next: Put it back from where backups are kept. Or keep the migrated schema: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep
            """),
        new("rollback: the backup was changed", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            await File.WriteAllTextAsync(Path.Combine(release.Folder, "shop.db"), "11");
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 failed: ~/home/shop/production/windows/shop-2.4.0-1/shop.db is not the file that was proven: SHA-256 # then, # now.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop migrated to 2; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: Do not restore it. Use another backup. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Keep
            """) { Cause = "BackupChanged" },
        new("rollback: gone back another way before", "RolledBackOtherwise", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            (await release.GoBackAsync()).Window!.State.ShouldBe(WindowState.RolledBack);
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 did not begin: shop-2.4.0-1 was rolled back already, by -Database Keep and not by -Database Restore.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop migrated to 2; it went back, all traffic after #.
            Next: Nothing was done now. To bring the backup back by itself, which names what is lost by it: Restore-DeploymentBackup '~/home/shop/production/windows/shop-2.4.0-1/shop.db' -Plan '~/plan.psd1'
            """),
        new("rollback: another terminal goes back and takes long", "EnvironmentBusy", async stage =>
        {
            var release = await stage.RolledOutAsync(faster: 100);
            await using var other = await WindowSession.OpenAsync(release.Folder, release.Ports());
            await other.TakeLockAsync("observer", TimeSpan.Zero, CancellationToken.None);
            await other.AppendAsync(new JournalEntry(JournalKind.PhaseStarted, "Going back: users complain") { Phase = DeploymentPhase.Rollback });
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 did not begin: ~/home/shop/production is held by observer (process # on #, since # UTC). It goes back already, since # UTC, and gives way to nobody until that has ended.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; going back was begun and not seen to end (0 steps taken back, 2 of instances and traffic not).
            Next: Wait for it. Only where its log does not grow and you know that it hangs: Get-DeploymentWindow shop-2.4.0-1 | Stop-DeploymentWindow -Lost -Epoch 2 -Reason 'why you know that it hangs'. What it does: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog
            """),
        new("rollback: who runs does not give way", "EnvironmentBusy", async stage =>
        {
            var release = await stage.RolledOutAsync(faster: 100);
            using var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 did not begin: ~/home/shop/production is held by observer (process # on #, since # UTC). It was asked # ago to give way and still holds it.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; going back was asked for and has not begun.
            Next: See whether it is alive. If it hangs, declare it lost and go back again: Get-DeploymentWindow shop-2.4.0-1 | Stop-DeploymentWindow -Lost -Epoch 2 -Reason 'why you know that it hangs'
            """),
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
        new("rollback: one of two old instances is lost", "RollbackFailed", async stage =>
        {
            var release = await TwoAsync(stage);
            release.Shop.More[0].Instance.Version = null;
            release.Shop.Build = version => version == "2.3.0" ? null : version;
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'traffic: 2.3.0 on blue-1, red-1 -> 2.4.0 on green-1, white-1': 1 of 2 instances that carried the old version cannot be made to serve it, and traffic is where it was. red-1: health of red-1: http://127.0.0.1:8103/healthz: connection refused; 0 of 2 answers in a row were 200, asked # times in #.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1, red-1 -> 2.4.0 on green-1, white-1' could not be taken back, blue-1 and red-1 ran 2.3.0 before, green-1 and white-1 run 2.4.0, no database was migrated; going back failed (0 steps taken back, 3 of instances and traffic not).
            Next: Bring red-1 back, or go back without: A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -AcceptLessCapacity
            """) { Cause = "OldCapacityMissing" },
        new("rollback: no old instance is left", "RollbackFailed", async stage =>
        {
            var release = await TwoAsync(stage);
            release.Shop.Blue.Version = null;
            release.Shop.More[0].Instance.Version = null;
            release.Shop.Build = version => version == "2.3.0" ? null : version;
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'traffic: 2.3.0 on blue-1, red-1 -> 2.4.0 on green-1, white-1': 2 of 2 instances that carried the old version cannot be made to serve it, and traffic is where it was. blue-1: health of blue-1: http://127.0.0.1:8101/healthz: connection refused; 0 of 2 answers in a row were 200, asked # times in #. red-1: health of red-1: http://127.0.0.1:8103/healthz: connection refused; 0 of 2 answers in a row were 200, asked # times in #.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1, red-1 -> 2.4.0 on green-1, white-1' could not be taken back, blue-1 and red-1 ran 2.3.0 before, green-1 and white-1 run 2.4.0, no database was migrated; going back failed (0 steps taken back, 3 of instances and traffic not).
            Next: Bring at least one back, then go back again: A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """) { Cause = "OldCapacityMissing" },
        new("rollback: the new instance is told to stop and goes on", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync();
            release.Shop.BeforeAct = (act, _) =>
            {
                release.Shop.Green.IsTaken |= act == "stop green-1";
                return Task.CompletedTask;
            };
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed at taking back 'green-1: stopped -> 2.4.0': green-1 still answers: status 404, # after the deploy script was told to stop it.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' could not be taken back, no database was migrated; going back failed (1 step taken back, 1 of instances and traffic not).
            Next: See that the script stops the instance for version 'none'. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """) { Cause = "InstanceNotStopped" },
        new("rollback: more is written while a restore fills its copy", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            release.ShopDatabase.BesideIsFilled = () => release.ShopDatabase.Orders = 11;
            return await Stage.BackAsync(release, DatabaseRollback.Restore);
        }, """
            Rollback of shop-2.4.0-1 failed at 'shop: restored from the backup of 20:00:00 UTC': shop was written to after it was said what restoring loses: shop.orders has 11 rows, 10 then. Connected to it: nightly orders. It is as it was before.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop migrated to 2, which 'shop: restored from the backup of 20:00:00 UTC' failed to replace and left as it was; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: Stop everything that writes to it, then restore again: what is lost is counted anew. Or give -AcceptDataLoss, by which what is written until it is replaced is lost too. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Database Restore
            """) { Cause = "RestoreLosesMore" },
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
        new("rollback: no settings were backed up", "RollbackFailed", async stage =>
        {
            var release = await stage.OpenAsync("When = 'Automatic'; Configuration = 'Restore'", more: "Configuration = @( @{ Name = 'settings'; Path = 'settings' } )", files: ("settings/shop.json", "{}"));
            (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed: The journal has no proven backup of settings.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; going back failed (2 steps taken back, 0 of instances and traffic not).
            Next: Leave the settings as they are. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback -Configuration Keep
            """) { Cause = "FolderNotRestored" },
        new("rollback: the log names a step that nobody knows", "RollbackFailed", async stage =>
        {
            var release = await stage.RolledOutAsync();
            await release.Journal().AppendAsync(new JournalEntry(JournalKind.Intent, "lamp: off -> on")
            {
                Phase = DeploymentPhase.Rollout,
                Target = "lamp/hall",
                Detail = JournalJson.ToNode(new StepRecord(StepState.Intended)),
            });
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 failed at 'lamp: off -> on': The journal names the step 'lamp/hall' (lamp: off -> on), which this version of DeployOps cannot build.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; going back failed (0 steps taken back, 3 of instances and traffic not).
            Next: Go back with the version that made it. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """) { Cause = "StepUnknown" },
        new("rollback: another window was opened later", "WindowOvertaken", async stage =>
        {
            var release = await stage.RolledOutAsync();
            await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Failed);
            return await Stage.BackAsync(release);
        }, """
            Rollback of shop-2.4.0-1 did not begin: shop-2.4.0-1 is not the newest window of production: shop-2.5.0-1 was opened after it.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; going back was asked for and has not begun.
            Next: It changed nothing yet and stands open: stop it, then go back. Get-DeploymentWindow shop-2.5.0-1 | Stop-DeploymentWindow -Reason 'going back from shop-2.4.0-1'
            """),
    ];

    // Two instances a pool, rolled out.
    private static async Task<Release> TwoAsync(Stage stage)
    {
        var release = await stage.OpenAsync(rollout: Stage.TwoAPool);
        release.Shop.More.Add(("red-1", 8103, new FakeInstance { Version = "2.3.0", Weight = 100 }));
        release.Shop.More.Add(("white-1", 8104, new FakeInstance()));
        (await release.RunAsync(new RolloutPhase())).Error.ShouldBeNull();
        return release;
    }
}
