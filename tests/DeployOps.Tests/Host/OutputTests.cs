namespace DeployOps.Tests.Host;

public sealed class OutputTests : IDisposable
{
    private const string Escape = "\u001b";

    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_pipe_gets_tables_without_escape_codes_and_no_progress()
    {
        var script = _folder.Write("x.ps1", """
            $progress = [System.Management.Automation.ProgressRecord]::new(1, 'Rollout', 'green-1 drains')
            $Host.UI.WriteProgress(1, $progress)
            [pscustomobject]@{ Phase = 'Rollout'; Outcome = "$([char]27)[32mSucceeded$([char]27)[0m" }
            Get-Nothing
            """);

        var result = await HostProcess.RunAsync(script);

        result.Lines.ShouldContain(line => line.StartsWith("Phase", StringComparison.Ordinal));
        result.Lines.ShouldContain(line => line.StartsWith("Rollout Succeeded", StringComparison.Ordinal));
        (result.Output + result.Error).ShouldNotContain(Escape);
        (result.Output + result.Error).ShouldNotContain("drains");
    }

    [Fact]
    public async Task An_error_says_what_where_and_its_id_on_standard_error()
    {
        var script = _folder.Write("x.ps1", "'first'\n1/0\n'last'");

        var result = await HostProcess.RunAsync(script);

        result.Lines.ShouldBe(["first", "last"]);
        result.Error.ShouldContain("error: Attempted to divide by zero.");
        result.Error.ShouldContain($"at {script}:2  1/0");
        result.Error.ShouldContain("id RuntimeException");
    }

    [Fact]
    public async Task Every_mistake_of_a_script_that_does_not_parse_has_its_line()
    {
        var script = _folder.Write("x.ps1", "'a'\nif {\n");

        var result = await HostProcess.RunAsync(script);

        result.Error.ShouldContain($"at {script}:2  if {{");
        result.Error.ShouldContain("id MissingEndCurlyBrace");
    }

    [Fact]
    public async Task Warnings_go_beside_the_results()
    {
        var script = _folder.Write("x.ps1", "$Host.UI.WriteWarningLine('disk is filling'); 'result'");

        var result = await HostProcess.RunAsync(script);

        result.Lines.ShouldBe(["result"]);
        result.Error.ShouldContain("warning: disk is filling");
    }

    [Fact]
    public async Task Native_commands_keep_their_streams()
    {
        var script = _folder.Write("x.ps1", """
            & sh -c 'echo out; echo err >&2'
            $captured = & sh -c 'echo kept; echo beside >&2'
            "captured $captured"
            & sh -c 'echo joined >&2' 2>&1
            """);

        var result = await HostProcess.RunAsync(script);

        result.Lines.ShouldBe(["out", "captured kept", "joined"]);
        result.Error.ReplaceLineEndings("\n").ShouldBe("err\nbeside\n");
    }

    [Fact]
    public async Task A_reader_that_leaves_early_does_not_break_the_script()
    {
        var script = _folder.Write("x.ps1", "1..2000 | ForEach-Object { \"line $_ $('x' * 100)\" }; [System.IO.File]::WriteAllText(\"$PSScriptRoot/end\", '')");

        await HostProcess.RunAsync(
            async process =>
            {
                process.StandardInput.Close();
                await _folder.AppearsAsync("end");
            },
            script);

        File.Exists(_folder.PathOf("end")).ShouldBeTrue();
    }
}
