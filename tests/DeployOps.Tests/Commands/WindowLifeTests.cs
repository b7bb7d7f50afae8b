using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>A whole release of the smallest plan, in this process.</summary>
[Collection(EngineCollection.Name)]
public sealed class WindowLifeTests : IDisposable
{
    private const string WholePipe =
        "Start-DeploymentWindow $Plan | Invoke-DbMigration | Invoke-Rollout | Test-Smoke | Watch-DeploymentHealth | Complete-DeploymentWindow";

    private readonly EngineHost _engine = new();
    private readonly PlanFolder _plans = new();

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void One_line_carries_a_release_from_start_to_end()
    {
        _plans.Approve(_engine);

        var result = Run($"$done = {WholePipe}; $done.Outcome; $done.Window.State; [IO.File]::Exists($done.Window.ReportPath); ($done | Test-DeploymentLog).IsIntact").Clean();

        Texts(result).ShouldBe(["Succeeded", "Completed", "True", "True"]);
        var kinds = Texts(Run("Get-DeploymentWindow | Get-DeploymentLog | ForEach-Object Kind").Clean());
        kinds[0].ShouldBe("WindowOpened");
        kinds[^1].ShouldBe("PhaseEnded");
        kinds.Count(kind => kind == "PhaseStarted").ShouldBe(kinds.Count(kind => kind == "PhaseEnded"));
    }

    [Fact]
    public void What_if_goes_through_the_whole_pipe_and_changes_nothing()
    {
        _plans.Approve(_engine);
        var before = _plans.Fingerprint(_engine.Home);

        var result = Run($"$WhatIfPreference = $true; {WholePipe}").Clean();

        result.Text("Outcome").ShouldBe("Planned");
        _plans.Fingerprint(_engine.Home).ShouldBe(before);
    }

    [Fact]
    public void The_same_start_gives_the_open_window_back()
    {
        _plans.Open(_engine);

        var result = Run("(Start-DeploymentWindow $Plan).Id; @(Get-DeploymentWindow).Count").Clean();

        Texts(result).ShouldBe(["shop-2.4.0-1", "1"]);
    }

    [Fact]
    public void An_approval_opens_one_window_and_another_opens_another()
    {
        _plans.Approve(_engine);
        Run($"$null = {WholePipe}").Clean();

        var same = Run("$w = Start-DeploymentWindow $Plan; $w.Id; $w.State").Clean();
        _plans.Approve(_engine);
        var another = Run("$w = Start-DeploymentWindow $Plan; $w.Id; $w.State").Clean();

        Texts(same).ShouldBe(["shop-2.4.0-1", "Completed"]);
        Texts(another).ShouldBe(["shop-2.4.0-2", "Open"]);
    }

    [Fact]
    public void A_phase_that_is_done_is_given_back_as_it_ended()
    {
        _plans.Open(_engine);

        var result = Run("$w = Get-DeploymentWindow -Open; $first = $w | Invoke-Rollout; $again = $w | Invoke-Rollout; \"$first\" -eq \"$again\"; @($w | Get-DeploymentLog -Kind PhaseStarted -Phase Rollout).Count").Clean();

        Texts(result).ShouldBe(["True", "1"]);
    }

    [Fact]
    public void A_note_stands_in_the_log_with_who_wrote_it()
    {
        _plans.Open(_engine);

        Run("Get-DeploymentWindow -Open | Add-DeploymentNote 'Cache was cold.' -Resolution 'Warmed it.'").Clean();

        var log = Run("Get-DeploymentWindow | Get-DeploymentLog -Kind Note").Clean();
        log.Text("Message").ShouldBe("executor: Cache was cold. Resolved: Warmed it.");
    }

    [Fact]
    public void The_log_is_filtered_by_kind_phase_target_and_time()
    {
        _plans.Open(_engine);
        Run("$null = Get-DeploymentWindow | Invoke-Rollout").Clean();

        var result = Run("""
            $w = Get-DeploymentWindow
            @($w | Get-DeploymentLog -Kind PhaseStarted, PhaseEnded).Count
            @($w | Get-DeploymentLog -Phase Rollout -Kind PhaseEnded).Count
            @($w | Get-DeploymentLog -Target nothing*).Count
            @($w | Get-DeploymentLog -After ([DateTimeOffset]::UtcNow.AddHours(1))).Count
            """).Clean();

        Texts(result).ShouldBe(["4", "1", "0", "0"]);
    }

    [Fact]
    public void A_stopped_window_goes_forward_no_more()
    {
        _plans.Open(_engine);

        var stopped = Run("$w = Get-DeploymentWindow -Open | Stop-DeploymentWindow -Reason 'postponed'; $w.State; @(Get-DeploymentWindow -Open).Count").Clean();
        var forward = Run("Get-DeploymentWindow | Invoke-Rollout");
        var again = Run("(Get-DeploymentWindow | Stop-DeploymentWindow -Reason 'postponed').State").Clean();

        Texts(stopped).ShouldBe(["Stopped", "0"]);
        forward.ErrorIds.ShouldBe(["WindowStopped,DeployOps.Commands.InvokeRolloutCommand"]);
        Texts(again).ShouldBe(["Stopped"]);
    }

    [Fact]
    public void Going_back_where_nothing_was_changed_says_so_and_twice_does_nothing()
    {
        _plans.Open(_engine);

        var first = Run("$r = Get-DeploymentWindow | Invoke-Rollback -Reason 'cold feet'; $r.Outcome; $r.Summary; $r.Window.State; $r.Reason").Clean();
        var before = _plans.Fingerprint(_engine.Home);
        var second = Run("$r = Get-DeploymentWindow | Invoke-Rollback; $r.Outcome; $r.Summary").Clean();
        var forward = Run("Get-DeploymentWindow | Invoke-Rollout");

        Texts(first).ShouldBe(["RolledBack", "Nothing had been changed; production is as it was.", "RolledBack", "cold feet"]);
        Texts(second).ShouldBe(["RolledBack", "Nothing to do: shop-2.4.0-1 is already rolled back."]);
        _plans.Fingerprint(_engine.Home).ShouldBe(before);
        forward.ErrorIds.ShouldBe(["WindowRolledBack,DeployOps.Commands.InvokeRolloutCommand"]);
    }

    [Fact]
    public void Going_back_where_no_window_comes_is_a_no_op_that_says_so()
    {
        var result = Run("Get-DeploymentWindow -Open | Invoke-Rollback").Clean();

        result.Output.ShouldBeEmpty();
        result.Warnings.ShouldHaveSingleItem().ShouldStartWith("No window came through the pipeline, so nothing goes back.");
    }

    [Fact]
    public void Of_several_windows_the_first_is_completed_and_the_others_are_named()
    {
        _plans.Open(_engine);
        using var staging = new PlanFolder();
        staging.Write("plan.psd1", File.ReadAllText(staging.Plan).Replace("'production'", "'staging'", StringComparison.Ordinal).Replace("2.4.0", "2.5.0", StringComparison.Ordinal));
        staging.Open(_engine);
        Run("foreach ($window in Get-DeploymentWindow -Open) { $null = $window | Invoke-DbMigration | Invoke-Rollout | Test-Smoke | Watch-DeploymentHealth }").Clean();

        var result = Run("$w = @(Get-DeploymentWindow -Open); $w[0], $w[0], $w[1], $w[0] | Complete-DeploymentWindow");

        result.ErrorIds.ShouldBe(["OtherWindowsUntouched,DeployOps.Commands.CompleteDeploymentWindowCommand"]);
        result.Faults[0].ToString().ShouldContain("the first that came: shop-2.5.0-1. Not touched: shop-2.4.0-1.");
        result.Faults[0].ErrorDetails.RecommendedAction.ShouldBe("Get-DeploymentWindow shop-2.4.0-1 | Complete-DeploymentWindow");
        result.Text("Outcome").ShouldBe("Succeeded");
        Texts(Run("Get-DeploymentWindow -Open | ForEach-Object Id").Clean()).ShouldBe(["shop-2.4.0-1"]);
        Run(result.Faults[0].ErrorDetails.RecommendedAction).Clean().Text("Outcome").ShouldBe("Succeeded");
    }

    [Fact]
    public void Of_several_windows_the_first_goes_back_and_the_others_are_named()
    {
        _plans.Open(_engine);
        using var staging = new PlanFolder();
        staging.Write("plan.psd1", File.ReadAllText(staging.Plan).Replace("'production'", "'staging'", StringComparison.Ordinal).Replace("2.4.0", "2.5.0", StringComparison.Ordinal));
        staging.Open(_engine);

        var result = Run("$w = @(Get-DeploymentWindow -Open); $w[0], $w[1], $w[0], $w[1] | Invoke-Rollback");

        result.ErrorIds.ShouldBe(["OtherWindowsUntouched,DeployOps.Commands.InvokeRollbackCommand"]);
        result.Faults[0].ToString().ShouldContain("the first that came: shop-2.5.0-1. Not touched: shop-2.4.0-1.");
        result.Faults[0].ErrorDetails.RecommendedAction.ShouldBe("Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback");
        result.Text("Outcome").ShouldBe("RolledBack");
        Texts(Run("Get-DeploymentWindow -Open | ForEach-Object Id").Clean()).ShouldBe(["shop-2.4.0-1"]);
    }

    [Fact]
    public void A_home_that_cannot_be_looked_into_is_an_error_and_no_empty_list()
    {
        _plans.Open(_engine);
        Directory.CreateDirectory(Path.Combine(_engine.Home, "stock", "production"));
        File.WriteAllText(Path.Combine(_engine.Home, "stock", "production", "windows"), "no folder");

        var all = Run("Get-DeploymentWindow -Open");
        var asked = Run("Get-DeploymentWindow -Open -Service shop -Environment production");

        all.ErrorIds.ShouldBe(["HomeUnreadable,DeployOps.Commands.GetDeploymentWindowCommand"]);
        all.Faults[0].ToString().ShouldStartWith(Path.Combine(_engine.Home, "stock", "production", "windows"));
        all.Text("Id").ShouldBe("shop-2.4.0-1");
        asked.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
    }

    [Fact]
    public void Windows_are_found_by_id_service_environment_and_state_newest_first()
    {
        _plans.Open(_engine);
        using var staging = new PlanFolder();
        staging.Write("plan.psd1", File.ReadAllText(staging.Plan).Replace("'production'", "'staging'", StringComparison.Ordinal).Replace("2.4.0", "2.5.0", StringComparison.Ordinal));
        staging.Open(_engine);
        Run("$null = Get-DeploymentWindow shop-2.4.0-1 | Stop-DeploymentWindow -Reason 'x'").Clean();

        Texts(Run("Get-DeploymentWindow | ForEach-Object Id").Clean()).ShouldBe(["shop-2.5.0-1", "shop-2.4.0-1"]);
        Texts(Run("Get-DeploymentWindow -Open | ForEach-Object Id").Clean()).ShouldBe(["shop-2.5.0-1"]);
        Texts(Run("Get-DeploymentWindow shop-2.4* | ForEach-Object Id").Clean()).ShouldBe(["shop-2.4.0-1"]);
        Texts(Run("Get-DeploymentWindow -Environment STAGING -Service Shop | ForEach-Object Id").Clean()).ShouldBe(["shop-2.5.0-1"]);
        Run("Get-DeploymentWindow -Service other").Clean().Output.ShouldBeEmpty();
        Run("Get-DeploymentWindow shop-9-1").ErrorIds.ShouldBe(["WindowNotFound,DeployOps.Commands.GetDeploymentWindowCommand"]);
        _engine.Complete("Get-DeploymentWindow -Id shop-2.5").ShouldBe(["shop-2.5.0-1"]);
    }

    [Fact]
    public void A_report_is_written_where_it_is_wanted()
    {
        _plans.Open(_engine);
        var path = _plans.PathOf("reports.html");

        var result = _engine.Invoke("param($Path) Get-DeploymentWindow | Export-DeploymentReport -Path $Path", ("Path", path)).Clean();

        result.Text("Outcome").ShouldBe("Succeeded");
        File.ReadAllText(path).ShouldContain("shop-2.4.0-1");
    }

    [Fact]
    public void A_report_that_cannot_be_written_names_its_file()
    {
        _plans.Open(_engine);
        var path = _plans.PathOf("missing/report.html");

        var result = _engine.Invoke("param($Path) Get-DeploymentWindow | Export-DeploymentReport -Path $Path", ("Path", path));

        result.ErrorIds.ShouldBe(["ReportNotWritten,DeployOps.Commands.ExportDeploymentReportCommand"]);
        result.Faults[0].ToString().ShouldContain(path);
    }

    [Fact]
    public void A_log_that_was_altered_is_told_of_everywhere()
    {
        _plans.Open(_engine);
        var window = Run("Get-DeploymentWindow").Clean().Single;
        var log = (string)window.Properties["LogPath"].Value;
        File.WriteAllText(log, File.ReadAllText(log).Replace("Executor executor", "Executor somebody", StringComparison.Ordinal));

        var test = _engine.Invoke("param($W) $W | Test-DeploymentLog", ("W", window));
        var read = _engine.Invoke("param($W) $W | Get-DeploymentLog", ("W", window));
        var list = Run("Get-DeploymentWindow");
        var byId = Run("Get-DeploymentWindow shop-2.4.0-1");
        var byFile = _engine.Invoke("param($Path) Test-DeploymentLog -Path $Path", ("Path", log));
        var piped = _engine.Invoke("param($Path) [IO.FileInfo]::new($Path) | Test-DeploymentLog", ("Path", log));
        var named = _engine.Invoke("param($Path) Test-DeploymentLog $Path", ("Path", log));

        test.ErrorIds.ShouldBe(["JournalCorrupt,DeployOps.Commands.TestDeploymentLogCommand"]);
        test.Text("IsIntact").ShouldBe("False");
        test.Errors[0].Exception.Message.ShouldStartWith($"{log}:1 ");
        read.ErrorIds.ShouldBe(["JournalCorrupt,DeployOps.Commands.GetDeploymentLogCommand"]);
        list.Clean().Output.ShouldBeEmpty();
        list.Warnings.ShouldHaveSingleItem().ShouldStartWith($"Left out: {log}:1 ");
        byId.ErrorIds.ShouldBe(["JournalCorrupt,DeployOps.Commands.GetDeploymentWindowCommand"]);
        byId.Faults[0].ErrorDetails.RecommendedAction.ShouldBe($"Test-DeploymentLog -Path '{log}'");
        byFile.ErrorIds.ShouldBe(["JournalCorrupt,DeployOps.Commands.TestDeploymentLogCommand"]);
        byFile.Text("IsIntact").ShouldBe("False");
        piped.ErrorIds.ShouldBe(byFile.ErrorIds);
        named.ErrorIds.ShouldBe(byFile.ErrorIds);
    }

    [Fact]
    public void No_window_at_all_completes_nothing() =>
        Run("Get-DeploymentWindow -Open | Complete-DeploymentWindow").ErrorIds.ShouldBe(["NothingToComplete,DeployOps.Commands.CompleteDeploymentWindowCommand"]);

    private EngineResult Run(string script) => _engine.Invoke($"param($Plan) {script}", ("Plan", _plans.Plan));

    private static List<string> Texts(EngineResult result) => [.. result.Output.Select(output => output.ToString())];
}
