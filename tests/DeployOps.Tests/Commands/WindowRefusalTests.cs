using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>What keeps a window shut, and what a written reason opens.</summary>
[Collection(EngineCollection.Name)]
public sealed class WindowRefusalTests : IDisposable
{
    private const string Starter = "DeployOps.Commands.StartDeploymentWindowCommand";

    private readonly EngineHost _engine = new();
    private PlanFolder _plans = new();

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void A_plan_nobody_approved_is_refused() => Start().ErrorIds.ShouldBe([$"PlanNotApproved,{Starter}"]);

    [Fact]
    public void Who_approves_does_not_start()
    {
        _plans.Approve(_engine, by: "executor");

        Start().ErrorIds.ShouldBe([$"FourEyes,{Starter}"]);
    }

    [Fact]
    public void An_approval_ends()
    {
        _plans.Approve(_engine);
        _plans.Expire();

        Start().ErrorIds.ShouldBe([$"ApprovalExpired,{Starter}"]);
    }

    [Fact]
    public void A_file_that_changed_since_the_approval_is_named()
    {
        With("Files = @('settings.json')");
        _plans.Write("settings.json", "{}");
        _plans.Approve(_engine);
        _plans.Write("settings.json", "{ }");

        var result = Start();

        result.ErrorIds.ShouldBe([$"PlanChanged,{Starter}"]);
        result.Faults[0].ToString().ShouldContain("settings.json");
        result.Faults[0].ToString().ShouldNotContain("plan.psd1 changed");
    }

    [Fact]
    public void A_reason_opens_it_and_stands_in_the_log()
    {
        _plans.Approve(_engine);
        File.AppendAllText(_plans.Plan, "# a late word\n");

        var result = Start("-Deviation 'the comment only'");

        result.Clean().Text("State").ShouldBe("Open");
        var log = _engine.Invoke("Get-DeploymentWindow | Get-DeploymentLog -Kind Deviation").Clean();
        log.Text("Target").ShouldBe("PlanChanged");
        log.Text("Message")!.ShouldStartWith("the comment only (against PlanChanged: ");
    }

    [Fact]
    public void A_file_that_changed_in_an_open_window_stops_the_next_phase_until_there_is_a_reason()
    {
        _plans.Open(_engine);
        File.AppendAllText(_plans.Plan, "# a late word\n");

        var refused = _engine.Invoke("Get-DeploymentWindow | Invoke-Rollout");
        var allowed = _engine.Invoke("Get-DeploymentWindow | Invoke-Rollout -Deviation 'the comment only'");
        var next = _engine.Invoke("Get-DeploymentWindow | Test-Smoke");

        refused.ErrorIds.ShouldBe(["PlanChanged,DeployOps.Commands.InvokeRolloutCommand"]);
        refused.Faults[0].ToString().ShouldContain("plan.psd1");
        allowed.Clean().Text("Outcome").ShouldBe("Succeeded");
        next.Clean().Text("Outcome").ShouldBe("Succeeded");
    }

    [Fact]
    public void A_window_that_went_on_with_other_files_is_resumed_with_them()
    {
        _plans.Open(_engine);
        File.AppendAllText(_plans.Plan, "# a late word\n");
        _engine.Invoke("Get-DeploymentWindow | Invoke-Rollout -Deviation 'the comment only'").Clean();

        var result = Start();

        result.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
        result.Text("State").ShouldBe("Open");
    }

    [Fact]
    public void Another_approval_does_not_open_a_second_window_beside_an_open_one()
    {
        _plans.Open(_engine);
        _plans.Approve(_engine);

        var result = Start();

        result.ErrorIds.ShouldBe([$"WindowAlreadyOpen,{Starter}"]);
        result.Faults[0].ToString().ShouldContain("shop-2.4.0-1 is open in production");
    }

    [Fact]
    public void A_file_that_changed_in_an_open_window_is_named_when_it_is_started_again_and_taken_with_a_reason()
    {
        With("Files = @('settings.json')");
        _plans.Write("settings.json", "{}");
        _plans.Open(_engine);
        _plans.Write("settings.json", "{ }");

        var refused = Start();
        var planned = Start("-Deviation 'a space only' -WhatIf");
        var untouched = _engine.Invoke("Get-DeploymentWindow | Get-DeploymentLog -Kind Deviation").Clean();
        var resumed = Start("-Deviation 'a space only'");
        var log = _engine.Invoke("Get-DeploymentWindow | Get-DeploymentLog -Kind Deviation").Clean();
        var again = Start();
        var next = _engine.Invoke("Get-DeploymentWindow | Invoke-Rollout");

        refused.ErrorIds.ShouldBe([$"PlanChanged,{Starter}"]);
        refused.Faults[0].ToString().ShouldContain("settings.json changed");
        planned.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
        untouched.Output.ShouldBeEmpty();
        resumed.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
        resumed.Text("State").ShouldBe("Open");
        log.Text("Target").ShouldBe("PlanChanged");
        log.Text("Message").ShouldBe("a space only (against PlanChanged: What shop-2.4.0-1 was approved with is not what is on the disk: settings.json changed.)");
        again.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
        next.Clean().Text("Outcome").ShouldBe("Succeeded");
    }

    [Fact]
    public void A_plan_that_was_changed_and_approved_again_carries_its_open_window_on_with_a_reason()
    {
        With("Files = @('settings.json')");
        _plans.Write("settings.json", "{}");
        _plans.Open(_engine);
        _plans.Write("settings.json", "{ }");
        _plans.Approve(_engine);

        var refused = Start();
        var resumed = Start("-Deviation 'the lead looked again'");
        var log = _engine.Invoke("Get-DeploymentWindow | Get-DeploymentLog -Kind Deviation").Clean();
        var again = Start();

        refused.ErrorIds.ShouldBe([$"WindowAlreadyOpen,{Starter}"]);
        refused.Faults[0].ToString().ShouldContain("it is for another approval: settings.json changed.");
        resumed.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
        log.Text("Target").ShouldBe("WindowAlreadyOpen");
        again.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
        _engine.Invoke("@(Get-DeploymentWindow).Count").Clean().Single.ToString().ShouldBe("1");
    }

    [Fact]
    public void Another_script_than_the_runbook_does_not_carry_an_open_window_on()
    {
        With("Runbook = 'release.ps1'");
        var runbook = _plans.Write("release.ps1", "Start-DeploymentWindow \"$PSScriptRoot/plan.psd1\"");
        var other = _plans.Write("other.ps1", "Start-DeploymentWindow \"$PSScriptRoot/plan.psd1\" @args");
        _plans.Approve(_engine);
        _engine.Invoke("param($Script) & $Script", ("Script", runbook)).Clean();

        var refused = _engine.Invoke("param($Script) & $Script", ("Script", other));
        var reasoned = _engine.Invoke("param($Script) & $Script -Deviation 'the runbook is locked'", ("Script", other));
        var log = _engine.Invoke("Get-DeploymentWindow | Get-DeploymentLog -Kind Deviation").Clean();
        var again = _engine.Invoke("param($Script) & $Script", ("Script", runbook));

        refused.ErrorIds.ShouldBe([$"RunbookMismatch,{Starter}"]);
        refused.Faults[0].ToString().ShouldContain(other);
        refused.Faults[0].ErrorDetails.RecommendedAction.ShouldBe($"& '{runbook}'");
        reasoned.Clean().Text("State").ShouldBe("Open");
        log.Text("Target").ShouldBe("RunbookMismatch");
        again.Clean().Text("Id").ShouldBe("shop-2.4.0-1");
    }

    [Fact]
    public void Another_script_than_the_runbook_is_refused_and_a_prompt_is_allowed()
    {
        With("Runbook = 'release.ps1'");
        var runbook = _plans.Write("release.ps1", "Start-DeploymentWindow \"$PSScriptRoot/plan.psd1\" -WhatIf");
        var other = _plans.Write("other.ps1", "Start-DeploymentWindow \"$PSScriptRoot/plan.psd1\" -WhatIf");
        _plans.Approve(_engine);

        var fromOther = _engine.Invoke("param($Script) & $Script", ("Script", other));
        var fromRunbook = _engine.Invoke("param($Script) & $Script", ("Script", runbook));
        var fromPrompt = Start("-WhatIf");

        fromOther.ErrorIds.ShouldBe([$"RunbookMismatch,{Starter}"]);
        fromOther.Faults[0].ToString().ShouldEndWith($"Or name this script as Runbook in the plan and have another person approve that; or run the plan's runbook: & '{runbook}'");
        fromRunbook.Clean().Text("State").ShouldBe("Planned");
        fromPrompt.Clean().Text("State").ShouldBe("Planned");
    }

    [Fact]
    public void A_runbook_that_is_reached_by_a_link_is_the_runbook()
    {
        With("Runbook = 'release.ps1'");
        _plans.Write("release.ps1", "Start-DeploymentWindow \"$PSScriptRoot/plan.psd1\" -WhatIf");
        _plans.Approve(_engine);
        using var links = new Host.ScriptFolder();
        Directory.CreateSymbolicLink(links.PathOf("current"), _plans.PathOf("."));

        var result = _engine.Invoke("param($Script) & $Script", ("Script", links.PathOf("current/release.ps1")));

        result.Clean().Text("State").ShouldBe("Planned");
    }

    [Theory]
    [InlineData("12")]
    [InlineData("24:00:00")]
    [InlineData("1:30")]
    [InlineData("'soon'")]
    public void A_time_span_is_read_as_a_plan_reads_it(string span)
    {
        var result = _engine.Invoke($"param($Plan) Approve-DeploymentPlan $Plan -ValidFor {span}", ("Plan", _plans.Plan));

        result.ErrorIds.ShouldBe(["ParameterArgumentTransformationError,DeployOps.Commands.ApproveDeploymentPlanCommand"]);
        result.Faults[0].ToString().ShouldContain("is no time span as 'hh:mm:ss' or 'd.hh:mm:ss'");
        File.Exists(_plans.Plan + ".approval.json").ShouldBeFalse();
    }

    [Theory]
    [InlineData("1.00:00:00", 24)]
    [InlineData("12:00:00", 12)]
    [InlineData("1:00:00", 1)]
    [InlineData("([timespan]::FromHours(24))", 24)]
    public void An_approval_counts_as_long_as_it_says(string span, int hours)
    {
        var approval = _engine.Invoke($"param($Plan) $approval = Approve-DeploymentPlan $Plan -ValidFor {span}; ($approval.Expires - $approval.At).TotalHours", ("Plan", _plans.Plan));

        approval.Clean().Single.BaseObject.ShouldBe((double)hours);
    }

    [Theory]
    [InlineData("Watch-DeploymentHealth -Duration 24:00:00")]
    [InlineData("Watch-DeploymentHealth -Interval 5")]
    [InlineData("Register-ExtendedMonitoring -Duration 48:00:00")]
    [InlineData("Register-ExtendedMonitoring -Every 30")]
    public void No_hours_are_taken_for_days(string command)
    {
        _plans.Open(_engine);

        var result = _engine.Invoke($"Get-DeploymentWindow | {command} -WhatIf");

        result.ErrorIds.ShouldHaveSingleItem().ShouldStartWith("ParameterArgumentTransformationError,");
    }

    [Fact]
    public void An_approval_may_be_piped_to_what_takes_a_plan()
    {
        var result = _engine.Invoke("param($Plan) $env:SUDO_USER = 'lead'; $approval = Approve-DeploymentPlan $Plan; $env:SUDO_USER = 'executor'; $approval | Start-DeploymentWindow -WhatIf", ("Plan", _plans.Plan));

        result.Clean().Text("PlanPath").ShouldBe(_plans.Plan);
        result.Text("Lead").ShouldBe("lead");
    }

    [Fact]
    public void A_window_nobody_watches_is_refused_where_nobody_can_be_asked()
    {
        WithoutMonitor();
        _plans.Approve(_engine);

        Start().ErrorIds.ShouldBe([$"RoleMissing,{Starter}"]);
        Start("-Team @{ Watcher = 'x' }").ErrorIds.ShouldBe([$"RoleUnknown,{Starter}"]);
        Start("-Team @{ Monitor = 'observer' }").Clean().Text("State").ShouldBe("Open");
    }

    [Fact]
    public void Who_watches_is_asked_for()
    {
        using var engine = new EngineHost(new RecordingHost(line: "observer"));
        WithoutMonitor();
        _plans.Approve(engine);

        engine.Invoke("param($Plan) Start-DeploymentWindow $Plan", ("Plan", _plans.Plan)).Clean().Text("State").ShouldBe("Open");
    }

    [Fact]
    public void Every_mistake_of_a_plan_is_told_and_the_result_is_emitted()
    {
        With("Relaese = 1; Smoke = 'nothing/*.hurl'");

        var result = _engine.Invoke("param($Plan) Test-DeploymentPlan $Plan", ("Plan", _plans.Plan));

        result.ErrorIds.ShouldBe(["PlanInvalid,DeployOps.Commands.TestDeploymentPlanCommand"]);
        result.Text("IsValid").ShouldBe("False");
        result.Faults[0].TargetObject.ShouldBe(result.Single.BaseObject);
        result.Faults[0].ToString().ShouldContain("plan.psd1:4:5 Relaese");
        result.Faults[0].ToString().ShouldContain("plan.psd1:4:26 Smoke");
    }

    [Theory]
    [InlineData("-Lost", "EpochMissing")]
    [InlineData("-Epoch 1", "EpochMissing")]
    [InlineData("-Lost -Epoch 1", "ConfirmationNeeded")]
    [InlineData("-Lost -Epoch 999 -Confirm:$false", "EpochMismatch")]
    [InlineData("-Lost -Epoch 1 -Confirm:$false", "EnvironmentNotHeld")]
    public void An_owner_is_not_declared_lost_by_mistake(string options, string errorId)
    {
        _plans.Open(_engine);

        var result = _engine.Invoke($"Get-DeploymentWindow | Stop-DeploymentWindow -Reason 'x' {options}");

        result.ErrorIds.ShouldBe([$"{errorId},DeployOps.Commands.StopDeploymentWindowCommand"]);
    }

    private void With(string more)
    {
        _plans.Dispose();
        _plans = new PlanFolder(more);
    }

    private void WithoutMonitor() =>
        _plans.Write("plan.psd1", File.ReadAllText(_plans.Plan).Replace("Team = @{ Monitor = 'observer' }", "", StringComparison.Ordinal));

    private EngineResult Start(string options = "") => _engine.Invoke($"param($Plan) Start-DeploymentWindow $Plan {options}", ("Plan", _plans.Plan));
}
