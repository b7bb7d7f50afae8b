using System.Management.Automation;
using System.Management.Automation.Host;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Pipeline;

/// <summary>A cmdlet returns only after its worker has ended, whatever ends the pipeline.</summary>
[Collection(EngineCollection.Name)]
public sealed class PumpTests
{
    private const string ProbeType = "DeployOps.Tests.Probes.InvokeProbeCommand";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public void Work_that_ends_well_is_emitted_in_order()
    {
        using var probe = new Probe();

        var result = probe.Run("Invoke-Probe $Trace 'emit','warn','progress','emit'");

        result.Clean().Output.Select(output => output.ToString()).ShouldBe(["emitted", "emitted"]);
        result.Warnings.ShouldBe(["The probe warns."]);
        probe.ShouldHaveEnded(result, "emit", "warn", "progress", "emit", "cleaned up");
    }

    [Fact]
    public async Task Stop_returns_after_the_worker_has_ended()
    {
        using var probe = new Probe();

        var result = await probe.StopAsync("Invoke-Probe $Trace 'emit','wait','emit'");

        result.Exception.ShouldBeOfType<PipelineStoppedException>();
        probe.ShouldHaveEnded("emit", "cleaned up");
    }

    [Fact]
    public async Task Stop_ends_a_worker_further_up_the_pipeline_too()
    {
        using var probe = new Probe();

        var result = await probe.StopAsync("1, 2 | Invoke-Probe $Trace 'emit','wait' | ForEach-Object { $_ }");

        result.Exception.ShouldBeOfType<PipelineStoppedException>();
        probe.ShouldHaveEnded("emit", "cleaned up");
    }

    [Theory]
    [InlineData("throw 'downstream'", "downstream")]
    [InlineData("Get-Nothing", "CommandNotFoundException")]
    [InlineData("[int] 'x'", "InvalidCastFromStringToInteger")]
    public void A_downstream_that_fails_ends_the_work(string downstream, string errorId)
    {
        using var probe = new Probe();

        var result = probe.Run($"$ErrorActionPreference = 'Stop'; Invoke-Probe $Trace 'emit','wait' | ForEach-Object {{ {downstream} }}");

        result.ErrorIds.Count.ShouldBe(1);
        result.ErrorIds[0].ShouldStartWith(errorId);
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    [Fact]
    public void A_downstream_that_breaks_out_ends_the_work()
    {
        using var probe = new Probe();

        var result = probe.Run("foreach ($once in 1) { Invoke-Probe $Trace 'emit','wait' | ForEach-Object { break } }; 'after'");

        result.Clean().Single.ToString().ShouldBe("after");
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    [Fact]
    public void A_downstream_that_has_enough_ends_the_work()
    {
        using var probe = new Probe();

        var result = probe.Run("Invoke-Probe $Trace 'emit','wait' | Select-FirstProbe; 'after'");

        result.Clean().Output.Select(output => output.ToString()).ShouldBe(["emitted", "after"]);
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    [Fact]
    public void A_judgement_is_an_error_that_ends_nothing()
    {
        using var probe = new Probe();

        var result = probe.Run("Invoke-Probe $Trace 'error','emit'");

        result.ErrorIds.ShouldBe([$"ProbeJudged,{ProbeType}"]);
        result.Output.ShouldHaveSingleItem();
        probe.ShouldHaveEnded(result, "error", "emit", "cleaned up");
    }

    [Theory]
    [InlineData("Invoke-Probe $Trace 'error','wait' -ErrorAction Stop")]
    [InlineData("$ErrorActionPreference = 'Stop'; Invoke-Probe $Trace 'error','wait'")]
    public void A_judgement_ends_the_work_where_errors_stop(string script)
    {
        using var probe = new Probe();

        var result = probe.Run(script);

        result.Exception.ShouldBeOfType<ActionPreferenceStopException>();
        result.ErrorIds.ShouldBe([$"ProbeJudged,{ProbeType}"]);
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    [Fact]
    public void A_warning_ends_the_work_where_warnings_stop()
    {
        using var probe = new Probe();

        var result = probe.Run("Invoke-Probe $Trace 'warn','wait' -WarningAction Stop");

        result.Exception.ShouldBeOfType<ActionPreferenceStopException>();
        probe.ShouldHaveEnded(result, "warn", "cleaned up");
    }

    [Theory]
    [InlineData("Invoke-Probe $Trace change -WhatIf")]
    [InlineData("$WhatIfPreference = $true; Invoke-Probe $Trace change")]
    public void What_if_changes_nothing(string script)
    {
        using var probe = new Probe();

        var result = probe.Run(script);

        result.Clean().Single.ToString().ShouldBe("what if");
        probe.ShouldHaveEnded(result, "change", "cleaned up");
    }

    [Fact]
    public void What_is_confirmed_is_changed()
    {
        using var probe = new Probe(new RecordingHost("Yes"));

        var result = probe.Run("Invoke-Probe $Trace change -Confirm");

        result.Clean().Single.ToString().ShouldBe("for real");
        probe.ShouldHaveEnded(result, "changed", "change", "cleaned up");
    }

    [Fact]
    public void What_is_denied_is_not_changed()
    {
        using var probe = new Probe(new RecordingHost("No"));

        var result = probe.Run("Invoke-Probe $Trace change -Confirm");

        result.Clean();
        probe.ShouldHaveEnded(result, "change", "cleaned up");
    }

    [Fact]
    public void Halting_at_a_warning_ends_the_work()
    {
        using var probe = new Probe(new RecordingHost("Halt Command"));

        var result = probe.Run("Invoke-Probe $Trace warn,wait -WarningAction Inquire");

        result.Exception.ShouldNotBeNull();
        probe.ShouldHaveEnded(result, "warn", "cleaned up");
    }

    [Fact]
    public void A_confirmation_nobody_can_give_is_an_error_and_changes_nothing()
    {
        using var probe = new Probe(new RecordingHost());

        var result = probe.Run("Invoke-Probe $Trace change,wait -Confirm");

        result.ErrorIds.ShouldBe([$"NobodyToConfirm,{ProbeType}"]);
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    [Fact]
    public void A_confirmation_without_any_host_is_an_error_and_changes_nothing()
    {
        using var probe = new Probe();

        var result = probe.Run("Invoke-Probe $Trace change,wait -Confirm");

        result.ErrorIds.ShouldBe([$"NobodyToConfirm,{ProbeType}"]);
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    [Theory]
    [InlineData("Yes", "answer: yes")]
    [InlineData("No", "answer: no")]
    [InlineData(null, "answer: nobody")]
    public void A_question_is_answered_or_nobody_can(string? choice, string answer)
    {
        using var probe = new Probe(new RecordingHost(choice));

        var result = probe.Run("Invoke-Probe $Trace ask");

        probe.ShouldHaveEnded(result.Clean(), answer, "ask", "cleaned up");
    }

    [Theory]
    [InlineData("ask", "answer: no")]
    [InlineData("propose", "answer: yes")]
    public void Enter_alone_is_a_no_unless_the_safe_way_is_proposed(string word, string answer)
    {
        using var probe = new Probe(new RecordingHost(RecordingHost.Enter));

        var result = probe.Run($"Invoke-Probe $Trace {word}");

        probe.ShouldHaveEnded(result.Clean(), answer, word, "cleaned up");
    }

    [Fact]
    public void A_yes_to_one_question_is_none_to_the_next()
    {
        using var probe = new Probe(new RecordingHost("Yes to All"));

        var result = probe.Run("Invoke-Probe $Trace ask");

        probe.ShouldHaveEnded(result.Clean(), "answer: no", "ask", "cleaned up");
    }

    [Fact]
    public void A_host_that_breaks_at_a_question_has_nobody_to_answer()
    {
        using var probe = new Probe(new RecordingHost(unattended: () => Broken(line: null)));

        var result = probe.Run("Invoke-Probe $Trace ask,propose,name");

        probe.ShouldHaveEnded(result.Clean(), "answer: nobody", "ask", "answer: nobody", "propose", "name: nobody", "name", "cleaned up");
    }

    [Fact]
    public void A_host_that_breaks_at_a_confirmation_has_nobody_to_give_it()
    {
        using var probe = new Probe(new RecordingHost(unattended: () => Broken(line: null)));

        var result = probe.Run("Invoke-Probe $Trace change,wait -Confirm");

        result.ErrorIds.ShouldBe([$"NobodyToConfirm,{ProbeType}"]);
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    [Fact]
    public void What_is_piped_to_pwsh_answers_no_question()
    {
        Assert.SkipUnless(Console.IsInputRedirected, "Standard input is a terminal here.");
        var host = new RecordingHost("Yes", "observer", name: "ConsoleHost");
        using var probe = new Probe(host);

        var asked = probe.Run("Invoke-Probe $Trace ask,name,change");
        var confirmed = probe.Run("Invoke-Probe $Trace change -Confirm");
        var wanted = probe.Run("$ConfirmPreference = 'Low'; Invoke-Probe $Trace change");

        asked.Clean().Single.ToString().ShouldBe("for real");
        confirmed.ErrorIds.ShouldBe([$"NobodyToConfirm,{ProbeType}"]);
        wanted.ErrorIds.ShouldBe([$"NobodyToConfirm,{ProbeType}"]);
        host.Questions.ShouldBeEmpty();
        probe.ShouldHaveEnded(wanted, "answer: nobody", "ask", "name: nobody", "name", "changed", "change", "cleaned up", "cleaned up", "cleaned up");
    }

    [Theory]
    [InlineData("observer", "name: observer")]
    [InlineData(null, "name: nobody")]
    public void A_word_is_typed_or_nobody_can(string? line, string answer)
    {
        using var probe = new Probe(new RecordingHost(line: line));

        var result = probe.Run("Invoke-Probe $Trace name");

        probe.ShouldHaveEnded(result.Clean(), answer, "name", "cleaned up");
    }

    [Fact]
    public void Without_any_host_nobody_answers()
    {
        using var probe = new Probe();

        var result = probe.Run("Invoke-Probe $Trace ask,name");

        probe.ShouldHaveEnded(result.Clean(), "answer: nobody", "ask", "name: nobody", "name", "cleaned up");
    }

    [Theory]
    [InlineData("throw", "ProbeFailed", ErrorCategory.ResourceBusy)]
    [InlineData("fault", "UnexpectedFailure", ErrorCategory.NotSpecified)]
    [InlineData("cancel", "UnexpectedFailure", ErrorCategory.NotSpecified)]
    public void What_the_worker_throws_is_a_terminating_error(string word, string errorId, ErrorCategory category)
    {
        using var probe = new Probe();

        var result = probe.Run($"Invoke-Probe $Trace emit,{word},wait");

        result.ErrorIds.ShouldBe([$"{errorId},{ProbeType}"]);
        result.Faults[0].CategoryInfo.Category.ShouldBe(category);
        result.Output.ShouldHaveSingleItem();
        probe.ShouldHaveEnded(result, "emit", "cleaned up");
    }

    [Fact]
    public void What_the_worker_throws_names_its_target_and_can_be_caught()
    {
        using var probe = new Probe();

        var result = probe.Run("try { Invoke-Probe $Trace throw } catch { $_.TargetObject; $_.Exception.GetType().FullName; $_.Exception.Message }");

        result.Clean().Output.Select(output => output.ToString()).ShouldBe(["the probe", "DeployOps.DeployOpsException", "The probe failed."]);
    }

    [Fact]
    public void After_a_failure_the_next_input_is_not_worked_on()
    {
        using var probe = new Probe();

        var result = probe.Run("1, 2 | Invoke-Probe $Trace throw");

        result.ErrorIds.ShouldBe([$"ProbeFailed,{ProbeType}"]);
        probe.ShouldHaveEnded(result, "cleaned up");
    }

    // As pwsh does where -NonInteractive is not given and its input has ended: it asks for the length of a line that is not there.
    private static HostException Broken(string? line) => new($"A line of {line!.Length} signs is no answer.");

    private sealed class Probe : IDisposable
    {
        private const string Prepare = "param($Trace) ";
        private readonly EngineHost _engine;
        private readonly dynamic _trace;

        public Probe(PSHost? host = null)
        {
            _engine = new EngineHost(host, EngineHost.Probes);
            _trace = _engine.Invoke("[DeployOps.Tests.Probes.ProbeTrace]::new()").Clean().Single.BaseObject;
        }

        public EngineResult Run(string script)
        {
            var running = Task.Run(() => _engine.Invoke(Prepare + script, ("Trace", _trace)));
            running.Wait(Deadline).ShouldBeTrue("The pipeline hangs.");
            return running.Result;
        }

        public async Task<EngineResult> StopAsync(string script) =>
            await _engine.InvokeAndStopAsync(Prepare + script, () => Task.Run(() => ((ManualResetEventSlim)_trace.Waiting).Wait(Deadline).ShouldBeTrue()), ("Trace", (object)_trace)).WaitAsync(Deadline);

        /// <summary>The worker is gone, did exactly these steps, and its progress is off the screen.</summary>
        public void ShouldHaveEnded(EngineResult result, params string[] steps)
        {
            ShouldHaveEnded(steps);
            result.Progress.ShouldNotBeEmpty();
            result.Progress[^1].RecordType.ShouldBe(ProgressRecordType.Completed);
        }

        public void ShouldHaveEnded(params string[] steps)
        {
            ((int)_trace.Workers).ShouldBe(0);
            ((IEnumerable<string>)_trace.Steps).ShouldBe(steps);
        }

        public void Dispose() => _engine.Dispose();
    }
}
