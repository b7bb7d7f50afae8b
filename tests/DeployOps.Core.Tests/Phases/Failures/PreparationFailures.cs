using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Preparation;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Phases.Failures;

internal static class PreparationFailures
{
    private const string Probe = "Health = @{ Probes = @( @{ Name = 'edge'; Uri = 'http://127.0.0.1:8080/healthz'; Consecutive = 3 } ) }";

    internal static IReadOnlyList<FailureCase> All { get; } =
    [
        new("preparation: a probe answers ill", "HealthCheckFailed", async stage =>
        {
            var release = await stage.OpenAsync(more: Probe, faster: 40);
            release.Shop.Blue.IsHealthy = false;
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: edge is not well: http://127.0.0.1:8080/healthz: status 503; 0 of 3 answers in a row were 200, asked # times in #.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: A release never starts during an incident: wait until it is well. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: a probe is not reachable", "HealthCheckFailed", async stage =>
        {
            var release = await stage.OpenAsync(more: Probe.Replace("8080", "8102"), faster: 40);
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: edge is not well: http://127.0.0.1:8102/healthz: connection refused; 0 of 3 answers in a row were 200, asked # times in #.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: A release never starts during an incident: wait until it is well. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: nobody is named to watch", "RoleMissing", async stage =>
        {
            var release = await stage.OpenAsync();
            await release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);
            return await StartAsync(release, new Dictionary<string, string>());
        }, """
            Preparation did not begin: Nobody is named to watch the numbers (Monitor).
            Production: this command changed nothing and opened no window.
            Next: Name somebody in the plan's Team, or with -Team @{ Monitor = '...' }. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: another run holds the environment", "EnvironmentBusy", async stage =>
        {
            var release = await stage.OpenAsync();
            await release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);
            using var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
            return await StartAsync(release, new Dictionary<string, string> { ["Monitor"] = "observer" });
        }, """
            Preparation did not begin: ~/home/shop/production is held by observer (process # on #, since # UTC).
            Production: this command changed nothing and opened no window.
            Next: Wait for it. What goes on there: Get-DeploymentWindow -Open -Service shop -Environment production; where that has to end, Stop-DeploymentWindow, and Invoke-Rollback, which takes the release back, ask it to give way. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: another window is open", "WindowAlreadyOpen", async stage =>
        {
            var release = await stage.OpenAsync();
            return await StartAsync(release, new Dictionary<string, string> { ["Monitor"] = "observer" });
        }, """
            Preparation did not begin: shop-2.4.0-1 is open in production since # UTC, started by executor, and it is for another approval.
            Production: this command changed nothing and opened no window.
            Next: To go on with it by this one, give a reason with -Deviation; or end it with Stop-DeploymentWindow or, taking back what it changed: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("preparation: another release's window is open", "WindowAlreadyOpen", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Write("plan.psd1", (await File.ReadAllTextAsync(release.PlanPath)).Replace("2.4.0", "2.5.0", StringComparison.Ordinal));
            return await StartAsync(release, new Dictionary<string, string> { ["Monitor"] = "observer" }, deviation: "we want to");
        }, """
            Preparation did not begin: shop-2.4.0-1 is open in production since # UTC, started by executor, and it is for another digest or approval.
            Production: this command changed nothing and opened no window.
            Next: Finish it with its own runbook, or end it with Stop-DeploymentWindow or, taking back what it changed: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("preparation: the plan of an open window changed", "PlanChanged", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Write("deploy.ps1", "'deploys otherwise'");
            return await StartAsync(release, new Dictionary<string, string> { ["Monitor"] = "observer" }, approve: false);
        }, """
            Preparation did not begin: What shop-2.4.0-1 was approved with is not what is on the disk: deploy.ps1 changed.
            Production: this command changed nothing and opened no window.
            Next: Put the files back, or give a reason with -Deviation to go on with what is on the disk. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: the last window could not go back", "EnvironmentUnsettled", async stage =>
        {
            var release = await stage.RolledOutAsync(Stage.Never);
            Stage.Break(release, "weights blue-1 100, green-1 0", "RouterConfigurationNotWritten", "edge.json could not be written: the disk is full.");
            (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
            return await StartAsync(release, new Dictionary<string, string> { ["Monitor"] = "observer" });
        }, """
            Preparation did not begin: shop-2.4.0-1 could not be rolled back: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' could not be taken back, blue-1 ran 2.3.0 before, green-1 runs 2.4.0, no database was migrated; going back failed (0 steps taken back, 2 of instances and traffic not).
            Production: this command changed nothing and opened no window.
            Next: Where production was put right by hand: Get-DeploymentWindow shop-2.4.0-1 | Stop-DeploymentWindow -Reason 'what was done'; else finish going back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("preparation: nobody approved the plan", "PlanNotApproved", async stage =>
        {
            var release = await stage.OpenAsync();
            await release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);
            return await StartAsync(release, new Dictionary<string, string> { ["Monitor"] = "observer" }, approve: false);
        }, """
            Preparation did not begin: Nobody approved the plan '~/plan.psd1': have Approve-DeploymentPlan run by another person.
            Production: this command changed nothing and opened no window.
            Next: To go ahead against this, give Start-DeploymentWindow a reason with -Deviation; it is written to the execution log. Or have another person approve the plan as it is: Approve-DeploymentPlan '~/plan.psd1'
            """),
        new("preparation: a backup cannot be written", "BackupFailed", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.BeforeAct = act => _ = act == "backup" ? throw new DeployOpsException("BackupFailed", FaultKind.Failed, "shop.db could not be copied to shop-1.db: the disk is full (0 of 4096 bytes written).", "Check the disk's space and the database.") : 0;
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed at 'shop: backed up, restored into a scratch place and compared': shop.db could not be copied to shop-1.db: the disk is full (0 of 4096 bytes written).
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; nothing went back.
            Next: Check the disk's space and the database. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: a backup that the plan goes back by could not be put back", "BackupFailed", async stage =>
        {
            var release = await stage.OpenAsync(rollback: "Database = 'Restore'", databases: Release.Database);
            release.ShopDatabase.Hindrance = new RestoreHindrance("foreign keys of other databases lead into it", "Drop them first.");
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed at 'shop: backed up, restored into a scratch place and compared': The plan goes back by the backup of shop, which could not be put back as things are: foreign keys of other databases lead into it.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; nothing went back.
            Next: Drop them first. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: a backup holds something else", "BackupNotProven", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.ReadBack = fingerprint => fingerprint with { Tables = [new TableFingerprint("orders", 9, "hash of 9")] };
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed at 'shop: backed up, restored into a scratch place and compared': The backup of shop does not hold what the database held: orders: 10 rows expected, 9 found.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; nothing went back.
            Next: Do not rely on ~/home/shop/production/windows/shop-2.4.0-1/backups/shop-1.db. Check disk and memory, then take another one. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: an applied migration was changed since", "MigrationChecksumMismatch", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.History.Add(new AppliedMigration(MigrationVersion.TryParse("1")!, "orders", new string('a', 64), ScaledTime.Day, "somebody"));
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: V1__orders.sql changed after it was applied on #Z: # then, # now.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Put the applied text back and make the change a new migration. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: fewer instances than carry the traffic", "RolloutCapacityLess", async stage =>
        {
            var release = await stage.OpenAsync(rollout: Stage.OneForTwo);
            release.Shop.More.Add(("red-1", 8103, new FakeInstance { Version = "2.3.0", Weight = 100 }));
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: 2 instances carry the traffic (blue-1, red-1), and the new version gets 1 (green-1).
            Production: 2.3.0 serves everything (blue-1 100, green-1 0, red-1 100), green-1 does not run, no database was migrated; nothing went back.
            Next: Give both pools as many instances, or, where they carry more, say so with -Deviation. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: what carries the traffic serves two versions", "RolloutLiveVersionUnclear", async stage =>
        {
            var release = await stage.OpenAsync(rollout: Stage.TwoAPool);
            release.Shop.More.Add(("red-1", 8103, new FakeInstance { Version = "2.2.0", Weight = 100 }));
            release.Shop.More.Add(("white-1", 8104, new FakeInstance()));
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: It cannot be told to which version to go back: blue-1 serves 2.3.0, red-1 serves 2.2.0.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Bring the instances that carry traffic to one version. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: the router does not know an instance", "RolloutInstanceUnknown", async stage => await Stage.ErrorAsync(await stage.OpenAsync(rollout: Stage.TwoAPool), new PreparationPhase()), """
            Preparation of shop-2.4.0-1 failed: The router's cluster 'shop' has no destination 'red-1'.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Add it to ~/edge.json with weight 0, or take it out of the plan. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: another program listens where the new version shall", "InstanceAddressTaken", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Shop.Green.IsTaken = true;
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: green-1 has no traffic, and something answers at its address without a version: http://127.0.0.1:8102/version: status 404.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Stop what listens there, be it another program or a broken instance. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: the migration fails on the restored backup", "RehearsalFailed", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.Copy.BeforeAct = act => _ = act == "apply V2__notes.sql" ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, "V2__notes.sql:1: table notes already exists.", "Correct the script.") : 0;
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed at 'shop: backed up, restored into a scratch place and compared': On the restored backup of shop the migration fails: V2__notes.sql:1: table notes already exists. Production was not touched.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; nothing went back.
            Next: Correct the scripts or the data, and approve the plan anew; Databases.Rehearsal = 'None' leaves this out. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: both pools have traffic", "RolloutLivePoolUnclear", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Shop.Green.Weight = 50;
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: Both pools have traffic (weights: blue-1 100, green-1 50), so it cannot be told which one is idle.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Set the weights of one pool to 0. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: a log of the plan is a device", "LogUnreadable", async stage =>
        {
            var release = await stage.OpenAsync(more: JudgeFailures.Watched.Replace("Looks = 1", "Logs = @( 'logs/*.log' )"));
            release.Metrics = new JudgeFailures.GrowingSource((0, 100));
            Directory.CreateDirectory(Path.Combine(release.Root, "logs"));
            File.CreateSymbolicLink(Path.Combine(release.Root, "logs", "app.log"), "/dev/null");
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: The log ~/logs/app.log cannot be read: it is no file but a pipe or a device.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; nothing went back.
            Next: Let this account read it, or take it out of Monitoring.Logs. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: an applied migration has no script any more", "MigrationMissing", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.History.Add(new AppliedMigration(MigrationVersion.TryParse("0.5")!, "customers", new string('a', 64), ScaledTime.Day, "somebody"));
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: Version 0.5 (customers) is applied, but its script is not in the folder.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Put the script back, or check that this folder and this database belong together. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: an undo script was begun and did not end", "MigrationHalfApplied", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.Begun.Add(new BegunMigration(MigrationVersion.TryParse("2")!, "U2__notes.sql", IsUndo: true, 2, ScaledTime.Day, "somebody"));
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: U2__notes.sql was begun on #Z by somebody and did not end: 2 statements of it are in effect, so that its version is half taken back.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Run the undo script to its end first, with Invoke-Rollback -Database Down; or mend by hand what it left, and delete its row from the history. Start-DeploymentWindow '~/plan.psd1'
            """),
        new("preparation: a batch would take all traffic away", "RolloutBatchTooLarge", async stage =>
        {
            var release = await stage.OpenAsync(rollout: $"Batch = 2; {Stage.Rolling.Replace("@(", "@( @{ Name = 'red-1'; Uri = 'http://127.0.0.1:8103' },")}");
            (release.Shop.Green.Version, release.Shop.Green.Weight) = ("2.3.0", 100);
            release.Shop.More.Add(("red-1", 8103, new FakeInstance()));
            return await Stage.ErrorAsync(release, new PreparationPhase());
        }, """
            Preparation of shop-2.4.0-1 failed: 2 of the plan's instances carry traffic (weights: red-1 0, blue-1 100, green-1 100); a batch of 2 would leave none that serves.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Give more instances traffic, or make Rollout.Batch smaller. Start-DeploymentWindow '~/plan.psd1'
            """),
    ];

    private static async Task<DeployOpsException> StartAsync(Release release, Dictionary<string, string> team, bool approve = true, string? deviation = null)
    {
        var ports = release.Ports();
        if (approve)
        {
            var plan = WindowPlan.OnDisk(release.PlanPath, ports);
            ApprovalFile.Write(release.PlanPath, PlanApproval.Approve(plan.Plan, plan.Files, new OperatorIdentity("release-lead", "desk"), ports.TimeProvider.GetUtcNow()));
        }

        var opener = new WindowOpener(ports, new SilentReporter(), new StartRequest { PlanPath = release.PlanPath, StartedFrom = "", Team = team, Deviation = deviation });
        return await Should.ThrowAsync<DeployOpsException>(async () => await opener.OpenAsync(await opener.PrepareAsync(CancellationToken.None), CancellationToken.None));
    }
}
