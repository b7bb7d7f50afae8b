using DeployOps.Core.Tests.Support;
using DeployOps.Incidents;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Smoke;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Phases.Failures;

internal static class WindowFailures
{
    private const string Watched = "Health = @{ Incidents = @( @{ Kind = 'GitHub'; Repository = 'example/shop' } ) }";

    internal static IReadOnlyList<FailureCase> All { get; } =
    [
        new("window: expired", "WindowExpired", async stage => await Stage.RollOutAsync(await stage.OpenAsync(duration: TimeSpan.FromSeconds(-1))), """
            Rollout of shop-2.4.0-1 did not begin: The window ended at # UTC; it is # UTC.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, where more time was agreed: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout -Deviation 'who agreed and why'
            """),
        new("window: ended between two steps", "WindowExpired", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Shop.BeforeAct = (act, _) =>
            {
                release.Clock.Shift += act == "deploy green-1 2.4.0" ? TimeSpan.FromHours(3) : TimeSpan.Zero;
                return Task.CompletedTask;
            };
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 is not finished: The window ended at # UTC; it is # UTC, and 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' was not begun.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 runs 2.4.0 without traffic, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, where more time was agreed: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout -Deviation 'who agreed and why'
            """),
        new("window: an incident is open", "IncidentOpen", async stage =>
        {
            var release = await stage.RolledOutAsync(more: Watched);
            release.Incidents = new FakeIncidents { Open = { new Incident("example/shop#42", "payments fail") } };
            return await Stage.ErrorAsync(release, new SmokePhase());
        }, """
            Smoke of shop-2.4.0-1 did not begin: An incident is open: example/shop#42: payments fail.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: Wait until it is over. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, where it was agreed to go on: Get-DeploymentWindow shop-2.4.0-1 | Test-Smoke -Deviation 'who agreed and why'
            """),
        new("window: whether an incident is open cannot be told", "IncidentsUnknown", async stage =>
        {
            var release = await stage.OpenAsync(more: Watched);
            release.Incidents = new FakeIncidents { Failures = int.MaxValue };
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 did not begin: Whether an incident is open cannot be told: example/shop (incident): api.github.com does not answer: connection refused.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: See that it can be asked. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, where it was agreed to go on: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout -Deviation 'who agreed and why'
            """),
        new("window: the plan changed", "PlanChanged", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Write("deploy.ps1", "'deploys otherwise'");
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 did not begin: What shop-2.4.0-1 was approved with is not what is on the disk: deploy.ps1 changed.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Put the files back, or give a reason with -Deviation to go on with what is on the disk. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: a file of the plan is gone", "PlanChanged", async stage =>
        {
            var release = await stage.OpenAsync();
            File.Delete(Path.Combine(release.Root, "deploy.ps1"));
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 did not begin: What shop-2.4.0-1 was approved with is not what is on the disk: The plan '~/plan.psd1' has 1 mistake: plan.psd1:5:27 Rollout.Deploy 'deploy.ps1': there is no such file; relative paths start at the plan. Correct it, then see with Test-DeploymentPlan that nothing is left.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Put the files back: nobody can go on with what is on the disk. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: the plan became another release's", "PlanOfAnotherRelease", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Write("plan.psd1", (await File.ReadAllTextAsync(release.PlanPath)).Replace("'2.4.0'", "'2.5.0'", StringComparison.Ordinal));
            return await Stage.ErrorAsync(release, new RolloutPhase(), deviation: "we want to");
        }, """
            Rollout of shop-2.4.0-1 did not begin: shop-2.4.0-1 takes shop 2.4.0 to production, but ~/plan.psd1 now takes shop 2.5.0 to production.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Put the plan back; another release has a window of its own. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: a database came into the plan after the preparation", "NotBackedUp", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.Write("plan.psd1", (await File.ReadAllTextAsync(release.PlanPath)).Replace("shop.db", "other.db", StringComparison.Ordinal));
            return await Stage.ErrorAsync(release, new MigrationPhase(), deviation: "we want to");
        }, """
            Migration of shop-2.4.0-1 did not begin: Database shop is not one that was backed up when shop-2.4.0-1 was prepared, so nothing could bring it back.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Put the plan back, and change that in a window of its own. Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: a kept file is gone", "KeptFileInvalid", async stage =>
        {
            var release = await stage.OpenAsync();
            Directory.EnumerateFiles(Path.Combine(release.Folder, "files")).ToList().ForEach(File.Delete);
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 did not begin: ~/home/shop/production/windows/shop-2.4.0-1/files/#, which holds the approved deploy.ps1, cannot be trusted: Could not find file '~/home/shop/production/windows/shop-2.4.0-1/files/#'.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Bring it back from a copy: it is named by its SHA-256. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: a phase is missing", "PhaseOutOfOrder", async stage => await Stage.RollOutAsync(await stage.OpenAsync(databases: Release.Database)), """
            Rollout of shop-2.4.0-1 did not begin: Migration has not ended, and Rollout comes after that.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Run what is missing first, or give a reason with -Deviation. Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
        new("window: another run holds the environment", "EnvironmentBusy", async stage =>
        {
            var release = await stage.OpenAsync();
            using var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 did not begin: ~/home/shop/production is held by observer (process # on #, since # UTC).
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Wait for it. What goes on there: Get-DeploymentWindow -Open -Service shop -Environment production; where that has to end, Stop-DeploymentWindow, and Invoke-Rollback, which takes the release back, ask it to give way. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: stopped before", "WindowStopped", stage => ClosedAsync(stage, release => release.AskToStopAsync()), """
            Smoke of shop-2.4.0-1 did not begin: The window shop-2.4.0-1 was stopped: it goes forward no more.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("window: going back", "WindowRollingBack", stage => ClosedAsync(stage, release => release.AskToStopAsync(goBack: true)), """
            Smoke of shop-2.4.0-1 did not begin: The window shop-2.4.0-1 is going back: it goes forward no more.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; going back was asked for and has not begun.
            Next: Going back is not finished; carry it on: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: rolled back before", "WindowRolledBack", stage => ClosedAsync(stage, release => release.GoBackAsync()), """
            Smoke of shop-2.4.0-1 did not begin: The window shop-2.4.0-1 was rolled back: it goes forward no more.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back, all traffic after #.
            Next: Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("window: going back failed before", "WindowRollbackFailed", stage => ClosedAsync(stage, release => release.EndPhaseAsync(DeploymentPhase.Rollback, PhaseOutcome.RollbackFailed)), """
            Smoke of shop-2.4.0-1 did not begin: The window shop-2.4.0-1 could not be rolled back: it goes forward no more.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; going back failed (0 steps taken back, 2 of instances and traffic not).
            Next: A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: complete", "WindowCompleted", stage => ClosedAsync(stage, release => release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded)), """
            Smoke of shop-2.4.0-1 did not begin: The window shop-2.4.0-1 is complete: it goes forward no more.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), blue-1 runs 2.3.0 without traffic, no database was migrated; nothing went back.
            Next: For another release, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("window: a step was begun and not seen to end", "PlanChanged", async stage =>
        {
            var release = await stage.RolledOutAsync(migrates: true);
            await IntendAsync(release, DeploymentPhase.Completion, "retire/blue-1", "blue-1: 2.3.0 -> stopped");
            release.Write("deploy.ps1", "'deploys otherwise'");
            return await Stage.CompleteAsync(release);
        }, """
            Completion of shop-2.4.0-1 did not begin: What shop-2.4.0-1 was approved with is not what is on the disk: deploy.ps1 changed.
            Production: 2.4.0 serves everything (blue-1 0, green-1 100), what blue-1 runs without traffic is unknown: 'blue-1: 2.3.0 -> stopped' was begun and not seen to end, database shop migrated to 2; nothing went back.
            Next: Put the files back, or give a reason with -Deviation to go on with what is on the disk. Get-DeploymentWindow shop-2.4.0-1 | Complete-DeploymentWindow
            """),
        new("window: taken over by a newer epoch", "EpochStale", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Shop.BeforeAct = async (act, _) =>
            {
                if (act.StartsWith("deploy", StringComparison.Ordinal))
                {
                    await EnvironmentLock.DeclareLostAsync(release.EnvironmentFolder, EnvironmentLock.PresentEpoch(release.EnvironmentFolder), TimeProvider.System, CancellationToken.None);
                    await release.Journal().AppendAsync(new JournalEntry(JournalKind.LockLost, "declared lost"), EnvironmentLock.PresentEpoch(release.EnvironmentFolder));
                }
            };
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 was broken off at 'green-1: stopped -> 2.4.0': Epoch 1 was taken over by epoch 2; this run does nothing further.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' was begun and not seen to end, no database was migrated; nothing went back.
            Next: Get-DeploymentLog shows who took over and why. Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog
            """),
        new("window: the journal cannot be written any more", "JournalBroken", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Shop.BeforeAct = (act, _) =>
            {
                if (act.StartsWith("deploy", StringComparison.Ordinal))
                {
                    File.Move(release.Journal().Path, $"{release.Journal().Path}.away");
                    Directory.CreateDirectory(release.Journal().Path);
                }

                return Task.CompletedTask;
            };
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 was broken off at 'green-1: stopped -> 2.4.0': The journal ~/home/shop/production/windows/shop-2.4.0-1/journal.jsonl could not be written: Access to the path '~/home/shop/production/windows/shop-2.4.0-1/journal.jsonl' is denied.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' was begun and not seen to end, no database was migrated; nothing went back.
            Next: Nothing further was begun. Mend the disk; the next run carries on from the last record. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: the journal was changed", "JournalCorrupt", async stage =>
        {
            var release = await stage.OpenAsync();
            var window = await release.WindowAsync();
            var text = await File.ReadAllTextAsync(release.Journal().Path);
            await File.WriteAllTextAsync(release.Journal().Path, text.Replace("opened", "0pened", StringComparison.Ordinal));
            return await Should.ThrowAsync<DeployOpsException>(() => new PhaseRunner(release.Ports(), new SilentReporter()).PrepareAsync(window, new RolloutPhase(), CancellationToken.None));
        }, """
            Rollout of shop-2.4.0-1 did not begin: ~/home/shop/production/windows/shop-2.4.0-1/journal.jsonl:1 is not what was written: its sum does not match its text.
            Production: unknown, since the log tells nothing that can be trusted; this command changed nothing.
            Next: Nothing is done on a log that cannot be trusted. Bring it back from a copy, or move its folder out of the home where nobody needs it any more. This tells how much of it is intact: Test-DeploymentLog -Path '~/home/shop/production/windows/shop-2.4.0-1/journal.jsonl'
            """),
        new("window: what hangs holds the environment's state", "EnvironmentStateBusy", stage => HeldAsync(stage, release => release.EnvironmentFolder, "environment.state.lock"), """
            Rollout of shop-2.4.0-1 did not begin: ~/home/shop/production/environment.state.lock was held by another process for #; it is needed for milliseconds, so that process hangs.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Find it (lsof or fuser), end it, and run the same command again. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: what hangs holds the journal", "JournalBusy", stage => HeldAsync(stage, release => release.Folder, "journal.lock"), """
            Rollout of shop-2.4.0-1 did not begin: ~/home/shop/production/windows/shop-2.4.0-1/journal.lock was held by another process for #; an append takes milliseconds, so that process hangs.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Find it (lslocks tells who holds it; others may have it open and hold nothing), end it, and run the same command again. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: the journal cannot be read", "JournalUnreadable", async stage =>
        {
            var release = await stage.OpenAsync();
            var window = await release.WindowAsync();
            File.Delete(release.Journal().Path);
            Directory.CreateDirectory(release.Journal().Path);
            return await Should.ThrowAsync<DeployOpsException>(() => new PhaseRunner(release.Ports(), new SilentReporter()).PrepareAsync(window, new RolloutPhase(), CancellationToken.None));
        }, """
            Rollout of shop-2.4.0-1 did not begin: The journal ~/home/shop/production/windows/shop-2.4.0-1/journal.jsonl could not be read: Access to the path '~/home/shop/production/windows/shop-2.4.0-1/journal.jsonl' is denied.
            Production: unknown, since the log tells nothing that can be trusted; this command changed nothing.
            Next: Check that it is there and that this account may read it. Test-DeploymentLog -Path '~/home/shop/production/windows/shop-2.4.0-1/journal.jsonl'
            """),
        new("window: the environment's state is no JSON", "EnvironmentStateInvalid", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Write("home/shop/production/environment.json", "{\"epoch\":");
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 did not begin: ~/home/shop/production/environment.json is not what DeployOps wrote: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed. Path: $.epoch | LineNumber: 0 | BytePositionInLine: 9.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Bring it back from a copy; its epoch must not be lower than the newest in the journals beside it. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("window: the environment's folder cannot be written", "EnvironmentUnusable", async stage =>
        {
            var release = await stage.OpenAsync();
            Directory.CreateDirectory(Path.Combine(release.EnvironmentFolder, "environment.state.lock"));
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 did not begin: Who holds the environment cannot be told or written in ~/home/shop/production: Access to the path '~/home/shop/production/environment.state.lock' is denied.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Check that this account may read and write there, and the disk's space. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
    ];

    private static async Task<DeployOpsException> ClosedAsync(Stage stage, Func<Release, Task> close)
    {
        var release = await stage.RolledOutAsync();
        await close(release);
        return await Stage.ErrorAsync(release, new FakePhase(DeploymentPhase.Smoke, _ => Task.FromResult(PhaseOutcome.Succeeded), acts: false));
    }

    private static Task IntendAsync(Release release, DeploymentPhase phase, string key, string change) => release.Journal().AppendAsync(new JournalEntry(JournalKind.Intent, change)
    {
        Phase = phase,
        Target = key,
        Detail = JournalJson.ToNode(new StepRecord(StepState.Intended)),
    });

    // What is needed for milliseconds is held for good.
    private static async Task<DeployOpsException> HeldAsync(Stage stage, Func<Release, string> folder, string name)
    {
        var release = await stage.OpenAsync();
        using var held = HeldFile.TryTake(Path.Combine(folder(release), name)).ShouldNotBeNull();
        return await Stage.RollOutAsync(release);
    }
}
