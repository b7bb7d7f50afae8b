namespace DeployOps.Tests.Host;

public sealed class TerminalTests : IDisposable
{
    private const string EraseLine = "\r\u001b[K";

    private const string Progress = """
        1..40 | ForEach-Object {
            $record = [System.Management.Automation.ProgressRecord]::new(1, 'Rollout', "step $_ of 40")
            $record.PercentComplete = $_
            $Host.UI.WriteProgress(1, $record)
            [System.Threading.Thread]::Sleep(25)
        }
        $record.RecordType = 'Completed'
        $Host.UI.WriteProgress(1, $record)
        'done'
        """;

    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_terminal_shows_progress_slowly_on_one_line_and_takes_it_away()
    {
        var script = _folder.Write("x.ps1", Progress);

        var result = await HostProcess.RunOnTerminalAsync(_ => Task.CompletedTask, script);

        var drawn = result.Output.Split("Rollout  ").Length - 1;
        drawn.ShouldBeGreaterThanOrEqualTo(2);
        result.Output.ShouldContain("Rollout  1 %  step 1 of 40");
        // A quarter of a second apart: 40 records of 25 ms are 5 drawings; a busy machine only makes the script longer.
        drawn.ShouldBeLessThan(40);
        result.Output.LastIndexOf(EraseLine, StringComparison.Ordinal).ShouldBeGreaterThan(result.Output.LastIndexOf("Rollout  ", StringComparison.Ordinal));
        result.Output.ShouldContain("done");
    }

    [Fact]
    public async Task A_dumb_terminal_shows_no_progress_and_no_colour()
    {
        var script = _folder.Write("x.ps1", Progress + "\n[pscustomobject]@{ A = 1 }\nGet-Nothing");

        var result = await HostProcess.RunOnTerminalAsync(_ => Task.CompletedTask, Wrapped("TERM=dumb", script));

        result.Output.ShouldNotContain("Rollout");
        result.Output.ShouldNotContain("\u001b[3");
        result.Output.ShouldContain("done");
    }

    [Fact]
    public async Task NO_COLOR_keeps_the_progress_and_drops_the_colour()
    {
        var script = _folder.Write("x.ps1", Progress + "\n[pscustomobject]@{ A = 1 }\nGet-Nothing");

        var result = await HostProcess.RunOnTerminalAsync(_ => Task.CompletedTask, Wrapped("NO_COLOR=1", script));

        result.Output.ShouldContain("Rollout  1 %");
        result.Output.ShouldNotContain("\u001b[3");
    }

    [Fact]
    public async Task A_native_command_writes_to_the_terminal_itself()
    {
        var script = _folder.Write("x.ps1", "& sh -c 'test -t 1 && test -t 2 && test -t 0 && echo on a terminal'");

        var result = await HostProcess.RunOnTerminalAsync(_ => Task.CompletedTask, script);

        result.Output.ShouldContain("on a terminal");
    }

    // The host is started by a script of the host, which is on the terminal itself.
    private string[] Wrapped(string setting, string script) =>
        [_folder.Write("wrapper.ps1", $"& env {setting} dotnet '{HostProcess.HostAssembly}' '{script}'")];
}
