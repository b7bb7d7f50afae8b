using System.Diagnostics;
using System.Globalization;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Pipeline;

/// <summary>The host of deploy scripts: what fails, what is kept, and that nothing runs on.</summary>
[Collection(EngineCollection.Name)]
public sealed class RunspaceDeployerTests : IDisposable
{
    private readonly DeployScript _script = new();

    public void Dispose() => _script.Dispose();

    [Fact]
    public async Task A_script_gets_instance_version_and_window()
    {
        var output = await _script.RunAsync("param($Instance, $Version, $Window) \"$($Instance.Name) $($Instance.Uri.Port) $Version $($Window.Id)\"");

        output.ShouldBe("green-1 8102 2.4.0 shop-2.4.0-1");
    }

    [Fact]
    public async Task Every_stream_is_kept_in_order()
    {
        var output = await _script.RunAsync("""
            [CmdletBinding()] param($Instance, $Version, $Window)
            $ErrorActionPreference = 'Continue'; $VerbosePreference = 'Continue'
            'begun'
            $PSCmdlet.WriteWarning('careful')
            $PSCmdlet.WriteInformation('told', [string[]]@())
            $PSCmdlet.WriteVerbose('in detail')
            $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new('a flaw'), 'Flaw', 'NotSpecified', $null))
            /bin/sh -c 'echo from sh; echo to stderr >&2'
            'ended'
            """);

        output.Split('\n').ShouldBe(["begun", "warning: careful", "told", "verbose: in detail", "error: a flaw", "from sh", "error: to stderr", "ended"], ignoreOrder: true);
        output.IndexOf("begun", StringComparison.Ordinal).ShouldBeLessThan(output.IndexOf("careful", StringComparison.Ordinal));
        output.ShouldEndWith("ended");
    }

    [Theory]
    [InlineData("exit 0")]
    [InlineData("exit")]
    [InlineData("'done'; return; throw 'never'")]
    [InlineData("try { throw 'x' } catch { 'mended' }")]
    public async Task A_script_that_ends_well_succeeds(string text) => await Should.NotThrowAsync(() => _script.RunAsync(text));

    [Theory]
    [InlineData("'before'; exit 3", "exit code 3")]
    [InlineData("function Stop-Here { exit 4 }; Stop-Here; 'never'", "exit code 4")]
    [InlineData("throw 'it broke'", "it broke")]
    [InlineData("Get-Nothing; 'never'", "Get-Nothing")]
    [InlineData("/bin/sh -c 'exit 7'; 'never'", "7")]
    [InlineData("$x = /bin/sh -c 'echo text; exit 7'; 'never'", "7")]
    [InlineData("$null.Method(); 'never'", "null")]
    public async Task A_script_that_fails_says_how(string text, string reason)
    {
        var (id, message) = await _script.FailAsync(text);

        id.ShouldBe("DeployScriptFailed");
        message.ShouldStartWith("deploy.ps1 for green-1 (2.4.0) failed: ");
        message.ShouldContain(reason);
        message.ShouldNotContain("never");
    }

    [Fact]
    public async Task A_failure_tells_what_was_written_before()
    {
        var (_, message) = await _script.FailAsync("'step one'; throw 'it broke'");

        message.ShouldContain("It wrote: step one");
    }

    [Fact]
    public async Task A_secret_is_kept_out_of_output_and_error()
    {
        const string Secret = "correct-horse-battery";
        _script.Keep(Secret);

        var output = await _script.RunAsync($"'key {Secret}'");
        var (_, message) = await _script.FailAsync($"'key {Secret}'; throw 'no access with {Secret}'");

        output.ShouldNotContain(Secret);
        message.ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData("throw [Exception]::new('outer', [Exception]::new('no access with {0}'))")]
    [InlineData("$e = [Exception]::new('outer'); $e.Data['said'] = '{0}'; throw $e")]
    [InlineData("& {{ [CmdletBinding()] param() $PSCmdlet.ThrowTerminatingError([Management.Automation.ErrorRecord]::new([Exception]::new('outer'), 'Id', 'NotSpecified', 'about {0}')) }}")]
    public async Task A_cause_with_a_secret_behind_a_clean_message_does_not_go_along(string text)
    {
        const string Secret = "correct-horse-battery";
        _script.Keep(Secret);

        var error = await Should.ThrowAsync<Exception>(() => _script.RunAsync(string.Format(CultureInfo.InvariantCulture, text, Secret)));

        error.Message.ShouldContain("outer");
        error.InnerException.ShouldBeNull();
    }

    [Fact]
    public async Task A_cause_without_a_secret_goes_along()
    {
        _script.Keep("correct-horse-battery");

        var error = await Should.ThrowAsync<Exception>(() => _script.RunAsync("throw [Exception]::new('outer', [Exception]::new('inner'))"));

        error.ToString().ShouldContain("inner");
    }

    [Fact]
    public async Task Too_much_output_is_counted_instead_of_kept()
    {
        var output = await _script.RunAsync("foreach ($i in 1..2000) { 'x' * 100 }");

        output.Length.ShouldBeLessThan(70_000);
        output.ShouldContain("more characters were not kept");
    }

    [Theory]
    [InlineData("while ($true) { [Threading.Thread]::Sleep(10) }")]
    [InlineData("/bin/sleep 60")]
    public async Task A_script_that_takes_too_long_is_stopped(string wait)
    {
        var start = Stopwatch.GetTimestamp();

        var (id, message) = await _script.FailAsync($"'waiting'; {wait}", TimeSpan.FromSeconds(1));

        id.ShouldBe("DeployScriptTimeout");
        message.ShouldContain("It wrote: waiting");
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Stopping_returns_after_the_script_has_stopped()
    {
        using var stop = new CancellationTokenSource();
        var text = """
            try { [IO.File]::WriteAllText("$PSScriptRoot/begun", ''); while ($true) { [Threading.Thread]::Sleep(10) } }
            finally { [Threading.Thread]::Sleep(300); [IO.File]::WriteAllText("$PSScriptRoot/cleaned", '') }
            """;

        var running = _script.RunAsync(text, token: stop.Token);
        await _script.AppearsAsync("begun");
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20)));
        File.Exists(_script.PathOf("cleaned")).ShouldBeTrue();
    }

    [Fact]
    public async Task Stopping_ends_a_native_command()
    {
        using var stop = new CancellationTokenSource();

        var running = _script.RunAsync("/bin/sh -c \"echo `$`$ > '$PSScriptRoot/pid.part'; mv '$PSScriptRoot/pid.part' '$PSScriptRoot/pid'; exec sleep 60\"", token: stop.Token);
        await _script.AppearsAsync("pid");
        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => running.WaitAsync(TimeSpan.FromSeconds(20)));
        DeployScript.IsAlive(int.Parse(File.ReadAllText(_script.PathOf("pid")))).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_stopped_before_it_began_does_not_run()
    {
        await Should.ThrowAsync<OperationCanceledException>(() => _script.RunAsync("[IO.File]::WriteAllText(\"$PSScriptRoot/ran\", '')", token: new CancellationToken(canceled: true)));

        File.Exists(_script.PathOf("ran")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_file_beside_the_script_is_found_and_dot_sourced()
    {
        _script.Write("helper.ps1", "function Get-Answer { \"42 from $PSScriptRoot\" }");

        var output = await _script.RunAsync(". $PSScriptRoot/helper.ps1; Get-Answer; $PSCommandPath");

        output.Split('\n').ShouldBe([$"42 from {Path.GetDirectoryName(_script.PathOf("x"))}", _script.PathOf("deploy.ps1")]);
    }

    [Fact]
    public async Task A_server_it_starts_lives_on_and_does_not_hold_it()
    {
        var start = Stopwatch.GetTimestamp();

        var output = await _script.RunAsync("""/bin/sh -c "setsid sleep 60 </dev/null >'$PSScriptRoot/log' 2>&1 & echo `$!" """);

        var id = int.Parse(output);
        Stopwatch.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(20));
        DeployScript.IsAlive(id).ShouldBeTrue();
        using var server = Process.GetProcessById(id);
        server.Kill();
    }

    [Fact]
    public async Task A_mistake_in_the_script_is_told_with_line_and_column()
    {
        var (id, message) = await _script.FailAsync("'fine'\n  if (1 {");

        id.ShouldBe("DeployScriptInvalid");
        message.ShouldStartWith("deploy.ps1:2:9 ");
    }

    [Fact]
    public async Task A_question_fails_instead_of_waiting()
    {
        var (id, _) = await _script.FailAsync("param([Parameter(Mandatory)] $Password) 'never'");

        id.ShouldBe("DeployScriptFailed");
    }

    [Fact]
    public async Task One_run_leaves_nothing_to_the_next()
    {
        await _script.RunAsync("$global:left = 'over'; function global:Get-Left { 'over' }");

        var output = await _script.RunAsync("\"left: $global:left\"");

        output.ShouldBe("left:");
    }

    // The embedded engine has the core cmdlets alone.
    [Fact]
    public void A_command_that_is_not_there_is_told_where_it_is_called_first()
    {
        var unknown = _script.Unknown("""
            param($Instance, $Version, $Window)
            if ($Version -eq 'none') { start-sleep 1; return }
            Start-Sleep 2
            1..3 | ForEach-Object { $_ } | Where-Object { $_ } | Sort-Object
            /bin/sh -c 'exit 0'
            sh -c 'exit 0'
            & "$PSScriptRoot/beside.ps1"
            """);

        unknown.Count.ShouldBe(2);
        unknown[0].ShouldStartWith("deploy.ps1:2:28 Deploy calls start-sleep, which is no command in the session of a deploy script here");
        unknown[1].ShouldStartWith("deploy.ps1:4:54 Deploy calls Sort-Object,");
    }

    [Fact]
    public void What_the_script_or_a_file_beside_it_defines_is_known()
    {
        _script.Write("helper.ps1", "function Stop-Run { Get-Run }; function global:Get-Run { }");

        _script.Unknown(". \"$PSScriptRoot/helper.ps1\"; function Local { }; Local; Stop-Run; Get-Run").ShouldBeEmpty();
        _script.Unknown(". \"$PSScriptRoot/helper.ps1\"; Get-Other").ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("Import-Module ./Mine.psd1; Get-Mine")]
    [InlineData("using module ./Mine.psd1\nGet-Mine")]
    [InlineData(". $PSScriptRoot/absent.ps1; Get-Mine")]
    [InlineData(". $helper; Get-Mine")]
    [InlineData("Invoke-Command -ComputerName web1 { Restart-Service shop }")]
    [InlineData("if (1 {")]
    public void Where_it_cannot_be_told_nothing_is(string text) => _script.Unknown(text).ShouldBeEmpty();
}
