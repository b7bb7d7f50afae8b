using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Preparation;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Core.Tests.Rollbacks;

public sealed class RollbackTests : IDisposable
{
    private Release? opened;

    [Fact]
    public async Task A_token_that_only_another_terminal_has_is_not_needed_to_go_back()
    {
        var release = opened = await Release.OpenAsync(
            more: "Notices = @( @{ Kind = 'Webhook'; Uri = 'env:CHANNEL' } ); Health = @{ Incidents = @( @{ Kind = 'GitHub'; Repository = 'example/shop'; Token = 'env:TOKEN' } ) }",
            variables: new() { ["CHANNEL"] = "http://127.0.0.1:9/hook", ["TOKEN"] = "token-of-the-team" });
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Variables.Clear();

        await Errors.OfAsync(() => release.RunAsync(new FakePhase(DeploymentPhase.Smoke, _ => Task.FromResult(PhaseOutcome.Succeeded))), "PlanInvalid");
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);
    }

    [Fact]
    public async Task Traffic_goes_to_the_old_version_before_the_new_one_is_stopped()
    {
        var release = await RolledOutAsync();

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        result.To.ShouldBe("2.3.0");
        result.TrafficBackAfter.ShouldNotBeNull();
        result.Steps.ShouldBe(["traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1", "green-1: stopped -> 2.4.0"]);
        result.Window!.State.ShouldBe(WindowState.RolledBack);
        release.Shop.Acts.ShouldBe(["weights blue-1 100, green-1 0", "stop green-1"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_new_version_is_not_touched_before_it_has_drained()
    {
        var release = await RolledOutAsync();
        release.Shop.Green.InFlight = 3;
        var remaining = -1;
        release.Shop.BeforeAct = (act, token) =>
        {
            token.ThrowIfCancellationRequested();
            if (act.StartsWith("weights", StringComparison.Ordinal))
            {
                _ = EndRequestsAsync();
            }
            else
            {
                remaining = release.Shop.Green.InFlight;
            }

            return Task.CompletedTask;
        };

        await release.GoBackAsync();

        remaining.ShouldBe(0);

        // They end a moment after no new ones arrive.
        async Task EndRequestsAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(30));
            release.Shop.Green.InFlight = 0;
        }
    }

    [Fact]
    public async Task An_old_version_that_died_is_started_again_before_traffic_moves_to_it()
    {
        var release = await RolledOutAsync();
        release.Shop.Blue.Version = null;

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldBe(["deploy blue-1 2.3.0", "weights blue-1 100, green-1 0", "stop green-1"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_old_version_that_cannot_be_started_leaves_the_traffic_where_it_is_and_may_be_tried_again()
    {
        var release = await RolledOutAsync();
        release.Shop.Blue.Version = null;
        release.Shop.Build = version => version == "2.3.0" ? null : version;

        var failed = await release.GoBackAsync();
        var weights = (release.Shop.Blue.Weight, release.Shop.Green.Weight);
        release.Shop.Build = version => version;
        var again = await release.GoBackAsync();

        failed.Outcome.ShouldBe(PhaseOutcome.RollbackFailed);
        failed.Window!.State.ShouldBe(WindowState.RollbackFailed);
        failed.Summary.ShouldContain("health of blue-1");
        weights.ShouldBe((0, 100));
        again.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        again.Window!.State.ShouldBe(WindowState.RolledBack);
        again.TrafficBackAfter!.Value.ShouldBeGreaterThan(failed.Duration, "users have waited since the first decision");
        release.Shop.Losses.ShouldBeEmpty();
        release.Shop.Acts.TakeLast(2).ShouldBe(["weights blue-1 100, green-1 0", "stop green-1"]);
    }

    [Fact]
    public async Task Going_back_again_is_nothing_to_do()
    {
        var release = await RolledOutAsync();
        await release.GoBackAsync();
        release.Shop.Forget();
        var before = (await release.RecordsAsync()).Count;

        var again = await release.GoBackAsync();

        again.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        again.Summary.ShouldBe("Nothing to do: shop-2.4.0-1 is already rolled back.");
        release.Shop.Acts.ShouldBeEmpty();
        (await release.RecordsAsync()).Count.ShouldBe(before);
    }

    [Theory]
    [InlineData(DatabaseRollback.Keep)]
    [InlineData(DatabaseRollback.Down)]
    [InlineData(DatabaseRollback.Restore)]
    public async Task Where_nothing_was_migrated_any_way_is_the_one_that_was_gone(DatabaseRollback ordered)
    {
        var release = await OpenAsync(databases: Release.Database);
        (await release.GoBackAsync(DatabaseRollback.Keep)).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        (await release.GoBackAsync(ordered)).Summary.ShouldBe("Nothing to do: shop-2.4.0-1 is already rolled back.");
    }

    [Fact]
    public async Task A_log_that_is_damaged_keeps_nobody_from_going_back_by_another_and_holds_nobody_up()
    {
        var release = await RolledOutAsync();
        release.Write("home/shop/production/windows/shop-2.3.0-1/journal.jsonl", "x\n");
        var warned = -1;
        ScriptedReporter reporter = null!;
        reporter = new ScriptedReporter { OnProgress = () => warned = warned < 0 ? reporter.Warnings.Count : warned };

        var ending = await release.GoBackToldAsync(reporter: reporter);

        ending.Result.Outcome.ShouldBe(PhaseOutcome.RolledBack, ending.Result.Summary);
        reporter.Warnings.ShouldHaveSingleItem().ShouldStartWith("Whether shop-2.3.0-1 was opened later and changed something cannot be told, and going back goes on: ");
        warned.ShouldBe(0, "whoever goes forward is asked to give way before other logs are read");
    }

    [Fact]
    public async Task One_that_was_taken_over_while_it_goes_back_does_nothing_further()
    {
        var release = await RolledOutAsync();
        release.Shop.BeforeAct = async (act, token) =>
        {
            if (act.StartsWith("weights", StringComparison.Ordinal))
            {
                await release.DeclareLostAsync();
                await Task.Delay(Patience.Longest, token);
            }
        };

        await Errors.OfAsync(() => release.GoBackAsync(), "EpochStale");

        release.Shop.Acts.ShouldBeEmpty();
        (await release.WindowAsync()).State.ShouldBe(WindowState.RollingBack);
    }

    [Theory]
    [InlineData("traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1", "deploy green-1 2.4.0")]
    [InlineData("green-1: stopped -> 2.4.0")]
    public async Task One_that_was_taken_over_within_a_step_forward_changes_neither_instance_nor_traffic(string within, params string[] before)
    {
        var release = await OpenAsync();
        var isWithin = false;
        var reporter = new ScriptedReporter { OnProgress = () => isWithin = true };
        release.Shop.BeforeAnswer = DeclareLostWithin;
        release.Shop.BeforeRead = DeclareLostWithin;

        var ending = async () => await release.RunAsync(new RolloutPhase(), reporter);

        await Errors.OfAsync(ending, "EpochStale");
        release.Shop.Acts.ShouldBe(before);

        void DeclareLostWithin()
        {
            if (isWithin && reporter.Told.LastOrDefault() == within)
            {
                isWithin = false;
                release.DeclareLostAsync().GetAwaiter().GetResult();
            }
        }
    }

    [Fact]
    public async Task Where_the_environments_state_is_gone_it_says_what_to_write_and_then_goes_back()
    {
        var release = await RolledOutAsync();
        var path = Path.Combine(release.EnvironmentFolder, "environment.json");
        File.Delete(path);
        await File.WriteAllTextAsync(Path.Combine(release.EnvironmentFolder, "environment.7.lock"), "", TestContext.Current.CancellationToken);

        var refused = await Errors.OfAsync(() => release.GoBackAsync(), "EnvironmentStateInvalid");
        await File.WriteAllTextAsync(path, "{\"epoch\":7,\"lockName\":7}", TestContext.Current.CancellationToken);
        var result = await release.GoBackAsync();

        refused.Message.ShouldContain($"{path} is missing beside 1 window: it tells a run that was taken over from the present one.");
        refused.Message.ShouldContain("write this into it: {\"epoch\":7,\"lockName\":7}");
        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        (await release.RecordsAsync())[^1].Epoch.ShouldBe(8);
    }

    [Theory]
    [InlineData(DatabaseRollback.Keep)]
    [InlineData(DatabaseRollback.Down)]
    [InlineData(DatabaseRollback.Restore)]
    public async Task Where_nothing_was_changed_going_back_changes_nothing(DatabaseRollback database)
    {
        var release = await OpenAsync(databases: Release.Database);

        var result = await release.GoBackAsync(database);

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        result.Summary.ShouldBe("Nothing had been changed; production is as it was.");
        release.Shop.Acts.ShouldBeEmpty();
        release.ShopDatabase.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task It_works_from_the_journal_alone_when_every_file_of_the_plan_is_gone()
    {
        var release = await RolledOutAsync();
        foreach (var name in (string[])["plan.psd1", "deploy.ps1"])
        {
            File.Delete(Path.Combine(Path.GetDirectoryName(release.PlanPath)!, name));
        }

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.ShouldBe(["weights blue-1 100, green-1 0", "stop green-1"]);
    }

    [Theory]
    [InlineData("Name = 'green-1'", "Name = 'green-9'")]
    [InlineData("Name = 'blue-1'", "Name = 'blue-9'")]
    [InlineData("8101", "8109")]
    [InlineData("deploy.ps1", "other.ps1")]
    [InlineData("Rollout = @{", "")]
    public async Task What_a_deviation_took_out_of_the_plan_after_the_cut_over_is_gone_back_by_all_the_same(string old, string present)
    {
        var release = await RolledOutAsync();
        await DeviateAsync(release, text => present.Length == 0 ? $"{text[..text.IndexOf(old, StringComparison.Ordinal)]}}}" : text.Replace(old, present, StringComparison.Ordinal));

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        result.To.ShouldBe("2.3.0");
        release.Shop.Acts.ShouldBe(["weights blue-1 100, green-1 0", "stop green-1"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_step_is_taken_back_by_the_plan_it_was_begun_with()
    {
        var release = await OpenAsync(rollback: "When = 'Never'");
        release.Shop.BeforeAct = (act, _) => act.StartsWith("weights", StringComparison.Ordinal) ? throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "no answer") : Task.CompletedTask;
        await release.RunAsync(new RolloutPhase());
        var scripts = new List<string>();
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Scripts = scripts;
        release.Write("deploy.ps1", "'deploys otherwise'");
        await release.RunAsync(new RolloutPhase(), deviation: "the script was mended");

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        scripts.ShouldBe(["'deploys'"]);
    }

    [Fact]
    public async Task A_preparation_that_is_repeated_after_the_cut_over_does_not_forget_where_production_came_from()
    {
        var release = await RolledOutAsync();
        await release.EndPhaseAsync(DeploymentPhase.Preparation, PhaseOutcome.Failed);
        (await release.RunAsync(new PreparationPhase())).Error.ShouldBeNull();

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.ShouldBe(["weights blue-1 100, green-1 0", "stop green-1"]);
    }

    [Fact]
    public async Task A_complete_window_goes_back_by_starting_the_old_version_first()
    {
        var release = await RolledOutAsync();
        await release.RunAsync(new FakePhase(DeploymentPhase.Completion, async context =>
        {
            var plan = RolloutFactory.Begun(context)!;
            await new StepRunner(context.Session, context.Reporter).RunAsync(RolloutFactory.RetireSteps(plan, RolloutFactory.Tools(context)), context.Token);
            return PhaseOutcome.Succeeded;
        }));
        release.Shop.Acts.ShouldBe(["stop blue-1"]);
        (await release.WindowAsync()).State.ShouldBe(WindowState.Completed);
        release.Shop.Forget();

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack, result.Summary);
        release.Shop.Acts.ShouldBe(["deploy blue-1 2.3.0", "weights blue-1 100, green-1 0", "stop green-1"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_rollback_that_was_killed_is_carried_on()
    {
        var release = await RolledOutAsync();
        release.Shop.BeforeAct = (act, _) => act == "stop green-1" ? throw new DeployOpsException("JournalBroken", FaultKind.Failed, "as if it were killed") : Task.CompletedTask;
        await Errors.OfAsync(() => release.GoBackAsync(), "JournalBroken");
        (await release.WindowAsync()).State.ShouldBe(WindowState.RollingBack);
        release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
        release.Shop.Forget();

        var result = await release.GoBackAsync();

        result.Outcome.ShouldBe(PhaseOutcome.RolledBack);
        release.Shop.Acts.ShouldBe(["stop green-1"]);
    }

    [Fact]
    public async Task It_wins_over_a_rollout_that_runs_in_another_terminal()
    {
        var release = await OpenAsync();
        var inScript = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        release.Shop.BeforeAct = async (act, token) =>
        {
            if (act == "deploy green-1 2.4.0")
            {
                inScript.SetResult();
                await Task.Delay(Patience.Longest, token);
            }
        };
        var forward = release.RunAsync(new RolloutPhase());
        await inScript.Task.WaitAsync(Patience.Longest, TestContext.Current.CancellationToken);

        var back = await release.GoBackAsync();
        var ending = await forward;

        ending.Result.Outcome.ShouldBe(PhaseOutcome.Superseded);
        back.Outcome.ShouldBe(PhaseOutcome.RolledBack, back.Summary);
        (await release.WindowAsync()).State.ShouldBe(WindowState.RolledBack);
        release.Shop.Acts.ShouldBe(["stop green-1"]);
        release.Shop.Losses.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_instance_under_traffic_is_not_touched()
    {
        var release = await RolledOutAsync();
        await using var session = await WindowSession.OpenAsync(release.Folder, release.Ports());
        var plan = BlueGreenPlanner.Plan(WindowPlan.InForce(session, release.Ports()).Plan.Rollout!, session.Facts.Captured<RolloutCapture>("rollout")!, "2.4.0");
        var tools = new RolloutTools(WindowPlan.InForce(session, release.Ports()).Plan.Rollout!, "", session.Window, release.Ports(), _ => Task.CompletedTask, text => text);

        var error = await Errors.OfAsync(() => new DeployStep(plan, plan.New[0], tools).UndoAsync(CancellationToken.None), "InstanceUnderTraffic");

        error.Message.ShouldContain("green-1 has weight 100");
        release.Shop.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_old_instance_with_requests_in_flight_is_not_retired()
    {
        var release = await RolledOutAsync();
        release.Shop.Blue.InFlight = 1;
        await using var session = await WindowSession.OpenAsync(release.Folder, release.Ports());
        var spec = WindowPlan.InForce(session, release.Ports()).Plan.Rollout!;
        var plan = BlueGreenPlanner.Plan(spec, session.Facts.Captured<RolloutCapture>("rollout")!, "2.4.0");
        var tools = new RolloutTools(spec, "", session.Window, release.Ports(), _ => Task.CompletedTask, text => text);

        await Errors.OfAsync(() => new RetireStep(plan, plan.Old[0], tools).DoAsync(CancellationToken.None), "InstanceNotDrained");

        release.Shop.Acts.ShouldBeEmpty();
        release.Shop.Blue.Version.ShouldBe("2.3.0");
    }

    [Theory]
    [InlineData(null, WindowState.Stopped, null)]
    [InlineData(StepState.Undone, WindowState.RolledBack, null)]
    [InlineData(StepState.Done, WindowState.RolledBack, null)]
    [InlineData(StepState.Done, WindowState.Stopped, "Get-DeploymentWindow shop-2.5.0-1 | Invoke-Rollback")]
    [InlineData(StepState.Intended, WindowState.Stopped, "Get-DeploymentWindow shop-2.5.0-1 | Invoke-Rollback")]
    [InlineData(null, WindowState.Open, "Get-DeploymentWindow shop-2.5.0-1 | Stop-DeploymentWindow -Reason 'going back from shop-2.4.0-1'")]
    public async Task A_newer_window_is_in_the_way_only_where_it_changed_something_or_still_may(StepState? change, WindowState state, string? instead)
    {
        var release = await RolledOutAsync();
        await OpenNewerAsync(release, change, state);

        var plan = async () => await new RollbackStarter(release.Ports(), new SilentReporter()).PlanAsync(await release.WindowAsync());

        if (instead is null)
        {
            (await plan()).Steps.Count.ShouldBe(2);
        }
        else
        {
            (await Errors.OfAsync(plan, "WindowOvertaken")).Command.ShouldBe(instead);
        }
    }

    [Fact]
    public async Task A_newer_window_that_changed_something_while_the_lock_was_waited_for_is_in_the_way()
    {
        var release = await RolledOutAsync();
        var held = await EnvironmentLock.TakeAsync(release.EnvironmentFolder, "observer", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
        var reporter = new ScriptedReporter
        {
            OnProgress = () =>
            {
                OpenNewerAsync(release, StepState.Done, WindowState.Stopped).GetAwaiter().GetResult();
                held.Dispose();
            },
        };

        await Errors.OfAsync(() => release.GoBackToldAsync(reporter: reporter), "WindowOvertaken");

        release.Shop.Acts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Planned_it_says_what_it_would_take_back_and_changes_no_byte()
    {
        var release = await RolledOutAsync();
        var before = await File.ReadAllBytesAsync(release.Journal().Path, TestContext.Current.CancellationToken);

        var result = await new RollbackStarter(release.Ports(), new SilentReporter()).PlanAsync(await release.WindowAsync());

        result.Outcome.ShouldBe(PhaseOutcome.Planned);
        result.Steps.Count.ShouldBe(2);
        release.Shop.Acts.ShouldBeEmpty();
        (await File.ReadAllBytesAsync(release.Journal().Path, TestContext.Current.CancellationToken)).ShouldBe(before);
    }

    public void Dispose() => opened?.Dispose();

    private static async Task OpenNewerAsync(Release release, StepState? change, WindowState state)
    {
        var folder = Path.Combine(Path.GetDirectoryName(release.Folder)!, "shop-2.5.0-1");
        Directory.CreateDirectory(folder);
        var journal = new JournalFile(folder, release.Ports().JournalThread, release.Ports().Redactor, release.Clock);
        var opening = (await release.FactsAsync()).Opening with { Id = "shop-2.5.0-1", Release = "2.5.0" };
        await journal.AppendAsync(new JournalEntry(JournalKind.WindowOpened, "opened") { Phase = DeploymentPhase.Preparation, Detail = JournalJson.ToNode(opening) }, epoch: 9);
        await StepAsync(DeploymentPhase.Preparation, "backup/shop", StepState.Done);
        if (change is { } step)
        {
            // What a window that went back leaves is the schema it kept.
            await (state == WindowState.RolledBack && step == StepState.Done ? StepAsync(DeploymentPhase.Migration, "migrate/shop/3", step) : StepAsync(DeploymentPhase.Rollout, "deploy/blue-1", step));
        }

        if (state == WindowState.Stopped)
        {
            await journal.AppendAsync(new JournalEntry(JournalKind.StopRequested, "stopped") { Detail = JournalJson.ToNode(new StopRequest("observer", "postponed", GoBack: false)) });
        }
        else if (state == WindowState.RolledBack)
        {
            await journal.AppendAsync(new JournalEntry(JournalKind.PhaseEnded, "back") { Phase = DeploymentPhase.Rollback, Detail = JournalJson.ToNode(new PhaseEnd(PhaseOutcome.RolledBack, null)) });
        }

        Task StepAsync(DeploymentPhase phase, string key, StepState stepState) => journal.AppendAsync(new JournalEntry(JournalKind.Outcome, key) { Phase = phase, Target = key, Detail = JournalJson.ToNode(new StepRecord(stepState)) });
    }

    // Another phase than the rollout takes the changed plan into force, with a written reason.
    private static async Task DeviateAsync(Release release, Func<string, string> change)
    {
        release.Write("other.ps1", "'deploys otherwise'");
        release.Write("plan.psd1", change(await File.ReadAllTextAsync(release.PlanPath)));
        var ending = await release.RunAsync(new FakePhase(DeploymentPhase.Smoke, _ => Task.FromResult(PhaseOutcome.Succeeded), acts: false), deviation: "it was taken out");
        ending.Error.ShouldBeNull();
        (await release.FactsAsync()).Files.Select(file => file.Sha256).ShouldNotBe((await release.FactsAsync()).Opening.Files.Select(file => file.Sha256));
    }

    private async Task<Release> OpenAsync(string databases = "", string rollback = "When = 'Automatic'") => opened = await Release.OpenAsync(rollback, databases);

    private async Task<Release> RolledOutAsync()
    {
        var release = await OpenAsync();
        (await release.RunAsync(new RolloutPhase())).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.Shop.Forget();
        return release;
    }
}
