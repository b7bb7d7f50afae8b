using DeployOps.Core.Tests.Support;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Phases.Failures;

internal static class RolloutFailures
{
    internal static IReadOnlyList<FailureCase> All { get; } =
    [
        new("rollout: the script throws, automatic", "DeployScriptFailed", stage => ScriptAsync(stage, "When = 'Automatic'", "deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken."), """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back.
            Next: Mend what it names. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("rollout: the script throws, never", "DeployScriptFailed", stage => ScriptAsync(stage, Stage.Never, "deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken."), """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' failed on the way, no database was migrated; nothing went back.
            Next: Mend what it names. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: the script throws, asked and yes", "DeployScriptFailed", stage => ScriptAsync(stage, "When = 'Ask'", "deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken.", true), """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back.
            Next: Mend what it names. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("rollout: the script throws, asked and no", "DeployScriptFailed", stage => ScriptAsync(stage, "When = 'Ask'", "deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken.", false), """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (2.4.0) failed: deploy.ps1:3 the port is taken.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' failed on the way, no database was migrated; nothing went back.
            Next: Mend what it names. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: the script exits non-zero", "DeployScriptFailed", stage => ScriptAsync(stage, "When = 'Automatic'", "deploy.ps1 for green-1 (2.4.0) failed: it ended with exit code 3."), """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (2.4.0) failed: it ended with exit code 3.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back.
            Next: Mend what it names. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("rollout: the script takes too long", "DeployScriptTimeout", async stage =>
        {
            var release = await stage.OpenAsync();
            Stage.Break(release, "deploy green-1 2.4.0", "DeployScriptTimeout", "deploy.ps1 for green-1 (2.4.0) was stopped after 00:05:00. It wrote: waiting", "Find out what it waits for, or raise Rollout.DeployTimeout.");
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (2.4.0) was stopped after 00:05:00. It wrote: waiting.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back.
            Next: Find out what it waits for, or raise Rollout.DeployTimeout. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("rollout: an instance is ill", "InstanceUnhealthy", async stage =>
        {
            var release = await stage.OpenAsync();
            release.Shop.Green.IsHealthy = false;
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': health of green-1: http://127.0.0.1:8102/healthz: status 503; 0 of 2 answers in a row were 200, asked # times in #.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back.
            Next: Its log tells why; the script's output is in the journal. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("rollout: an instance serves another version", "InstanceVersionWrong", async stage =>
        {
            var release = await stage.OpenAsync(Stage.Never);
            release.Shop.Build = _ => "2.3.9";
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': version of green-1: serves 2.3.9, expected 2.4.0.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' failed on the way, no database was migrated; nothing went back.
            Next: Check what the deploy script starts for this version. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: the router refuses, automatic", "RouterUnreachable", stage => RouterAsync(stage, "When = 'Automatic'"), """
            Rollout of shop-2.4.0-1 failed at 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': The router at http://127.0.0.1:8080 does not answer: connection refused.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, no database was migrated; it went back, all traffic after #.
            Next: See that it runs. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("rollout: the router refuses, never", "RouterUnreachable", stage => RouterAsync(stage, Stage.Never), """
            Rollout of shop-2.4.0-1 failed at 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': The router at http://127.0.0.1:8080 does not answer: connection refused.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' failed on the way, blue-1 runs 2.3.0, green-1 runs 2.4.0, no database was migrated; nothing went back.
            Next: See that it runs. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: the router serves another revision", "RouterChangeNotServed", async stage =>
        {
            var release = await stage.OpenAsync(Stage.Never);
            Stage.Break(release, "weights blue-1 0, green-1 100", "RouterChangeNotServed", "The router at http://127.0.0.1:8080 does not serve revision 8: it serves 7 after 10 s.", "See its log.");
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': The router at http://127.0.0.1:8080 does not serve revision 8: it serves 7 after #.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' failed on the way, blue-1 runs 2.3.0, green-1 runs 2.4.0, no database was migrated; nothing went back.
            Next: See its log. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: another version through the edge", "RouterServesOtherVersion", async stage =>
        {
            var release = await stage.OpenAsync(Stage.Never);
            release.Shop.BeforeAct = (act, _) =>
            {
                release.Shop.Green.Version = act.StartsWith("weights", StringComparison.Ordinal) ? "2.3.9" : release.Shop.Green.Version;
                return Task.CompletedTask;
            };
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': version through the edge: 0 of 5 answers are 2.4.0; others: 2.3.9.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' failed on the way, blue-1 runs 2.3.0, green-1 runs 2.4.0, no database was migrated; nothing went back.
            Next: See which destinations the router has and what they serve. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: going back fails too", "DeployScriptFailed", async stage =>
        {
            var release = await stage.MigratedAsync();
            release.Shop.BeforeAct = (act, _) => act switch
            {
                "deploy green-1 2.4.0" => throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "deploy.ps1 for green-1 (2.4.0) failed: it ended with exit code 3.", "Mend what it names."),
                "stop green-1" => throw new DeployOpsException("DeployScriptFailed", FaultKind.Failed, "deploy.ps1 for green-1 (none) failed: it ended with exit code 4.", "Mend what it names."),
                _ => Task.CompletedTask,
            };
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': deploy.ps1 for green-1 (2.4.0) failed: it ended with exit code 3. Going back failed at taking back 'green-1: stopped -> 2.4.0' after 0 steps: deploy.ps1 for green-1 (none) failed: it ended with exit code 4.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' could not be taken back, database shop migrated to 2; going back failed (0 steps taken back, 1 of instances and traffic not).
            Next: Mend what it names. A person is needed: mend what kept it from going back, then Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("rollout: a step that nobody saw end cannot be asked", "StepStateUnknown", async stage =>
        {
            var release = await stage.OpenAsync();
            Stage.Break(release, "weights blue-1 0, green-1 100", "JournalBroken", "as if it were killed");
            (await Stage.RollOutAsync(release)).ErrorId.ShouldBe("JournalBroken");
            release.Shop.BeforeAct = (_, _) => Task.CompletedTask;
            release.Shop.BeforeRead = () => throw new DeployOpsException("RouterUnreachable", FaultKind.Failed, "The router at http://127.0.0.1:8080 does not answer: connection refused.", "See that it runs.");
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 is inconclusive at 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': An earlier run began 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' and did not see it end, and now it cannot be told: The router at http://127.0.0.1:8080 does not answer: connection refused.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' was begun and not seen to end, blue-1 runs 2.3.0, green-1 runs 2.4.0, no database was migrated; nothing went back.
            Next: See that it runs. Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """) { Cause = "RouterUnreachable" },
        new("rollout: an idle instance got traffic by hand", "InstanceUnderTraffic", async stage =>
        {
            var release = await stage.PreparedAsync(Stage.Never);
            release.Shop.Green.Version = "2.3.0";
            release.Shop.Green.Weight = 50;
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': green-1 has weight 50 in the router; it is not touched while it carries traffic.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' failed on the way, no database was migrated; nothing went back.
            Next: Send the traffic elsewhere. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: nobody else would serve", "CapacityMissing", async stage =>
        {
            var release = await stage.OpenAsync(Stage.Never, rollout: Stage.Rolling);
            release.Shop.Green.Version = "2.3.0";
            release.Shop.Green.Weight = 100;
            release.Shop.Green.IsHealthy = false;
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'blue-1: out of the traffic': green-1 carries traffic and does not answer as a healthy 2.3.0 or 2.4.0.
            Production: 2.3.0 serves on green-1 100, whether blue-1 is in the traffic is unknown: 'blue-1: out of the traffic' failed on the way, blue-1 and green-1 run 2.3.0, no database was migrated; nothing went back.
            Next: No instance is taken out of the traffic until the others are well. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: something that nobody expected", "UnexpectedFailure", async stage =>
        {
            var release = await stage.OpenAsync(Stage.Never);
            release.Shop.BeforeAct = (_, _) => throw new InvalidDataException("odd");
            return await Stage.RollOutAsync(release);
        }, """
            Rollout of shop-2.4.0-1 failed at 'green-1: stopped -> 2.4.0': Rollout met something it did not expect: InvalidDataException: odd.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' failed on the way, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout
            """),
        new("rollout: cancelled", "Cancelled", async stage =>
        {
            var release = await stage.OpenAsync();
            using var cancel = new CancellationTokenSource();
            release.Shop.BeforeAct = async (act, token) =>
            {
                if (act.StartsWith("weights", StringComparison.Ordinal))
                {
                    await cancel.CancelAsync();
                    token.ThrowIfCancellationRequested();
                }
            };
            return await Stage.RollOutAsync(release, token: cancel.Token);
        }, """
            Rollout of shop-2.4.0-1 was cancelled at 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1': Ctrl+C, or what stopped the pipeline, came while work was in flight.
            Production: which version serves is unknown: 'traffic: 2.3.0 on blue-1 -> 2.4.0 on green-1' was begun and not seen to end, blue-1 runs 2.3.0, green-1 runs 2.4.0, no database was migrated; nothing went back.
            Next: To carry on: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollout; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("rollout: stopped from another terminal", "WindowSuperseded", stage => AskedAsync(stage, goBack: false), """
            Rollout of shop-2.4.0-1 gave way at 'green-1: stopped -> 2.4.0': observer asked the window to stop: users complain. This run gave way and did nothing further.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' was begun and not seen to end, no database was migrated; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("rollout: a rollback is asked for in another terminal", "WindowSuperseded", stage => AskedAsync(stage, goBack: true), """
            Rollout of shop-2.4.0-1 gave way at 'green-1: stopped -> 2.4.0': observer asked the window to go back: users complain. This run gave way and did nothing further.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), what green-1 runs without traffic is unknown: 'green-1: stopped -> 2.4.0' was begun and not seen to end, no database was migrated; going back was asked for and has not begun.
            Next: The rollback runs in the other terminal, and Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog shows it; where nobody carries it on: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
    ];

    private static async Task<DeployOpsException> ScriptAsync(Stage stage, string rollback, string message, bool? answer = null)
    {
        var release = await stage.OpenAsync(rollback);
        Stage.Break(release, "deploy green-1 2.4.0", "DeployScriptFailed", message, "Mend what it names.");
        return await Stage.RollOutAsync(release, answer);
    }

    private static async Task<DeployOpsException> RouterAsync(Stage stage, string rollback)
    {
        var release = await stage.OpenAsync(rollback);
        Stage.Break(release, "weights blue-1 0, green-1 100", "RouterUnreachable", "The router at http://127.0.0.1:8080 does not answer: connection refused.", "See that it runs.");
        return await Stage.RollOutAsync(release);
    }

    private static async Task<DeployOpsException> AskedAsync(Stage stage, bool goBack)
    {
        var release = await stage.OpenAsync();
        release.Shop.BeforeAct = async (act, token) =>
        {
            if (act.StartsWith("deploy", StringComparison.Ordinal))
            {
                await release.AskToStopAsync(goBack);
                await Task.Delay(Patience.Longest, token);
            }
        };
        return await Stage.RollOutAsync(release);
    }
}
