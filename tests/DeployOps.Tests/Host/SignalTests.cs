using System.Diagnostics;

namespace DeployOps.Tests.Host;

public sealed class SignalTests : IDisposable
{
    private const string WaitsForever = """
        try {
            [System.IO.File]::WriteAllText("$PSScriptRoot/began", '')
            while ($true) { [System.Threading.Thread]::Sleep(20) }
        }
        finally {
            & sh -c 'echo cleaned >"$0"' "$PSScriptRoot/cleaned"
        }
        'not reached'
        """;

    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData("HUP", 129)]
    public async Task The_first_signal_stops_the_script_after_its_finally_has_run(string signal, int expected)
    {
        var script = _folder.Write("x.ps1", WaitsForever);

        var result = await HostProcess.RunAsync(
            async process =>
            {
                await _folder.AppearsAsync("began");
                await SendAsync(process, signal);
            },
            script);

        result.ExitCode.ShouldBe(expected);
        File.Exists(_folder.PathOf("cleaned")).ShouldBeTrue();
        result.Error.ShouldContain("stopping");
        result.Output.ShouldNotContain("not reached");
    }

    [Fact]
    public async Task A_second_signal_waits_and_a_third_ends_at_once()
    {
        var script = _folder.Write("x.ps1", """
            try {
                [System.IO.File]::WriteAllText("$PSScriptRoot/began", '')
                while ($true) { [System.Threading.Thread]::Sleep(20) }
            }
            finally {
                [System.IO.File]::WriteAllText("$PSScriptRoot/cleaning", '')
                [System.Threading.Thread]::Sleep(100000)
            }
            """);
        var stillRanAfterTheSecond = false;

        var result = await HostProcess.RunAsync(
            async process =>
            {
                await _folder.AppearsAsync("began");
                await SendAsync(process, "INT");
                await _folder.AppearsAsync("cleaning");
                await SendAsync(process, "INT");
                await Task.Delay(500);
                stillRanAfterTheSecond = !process.HasExited;
                await SendAsync(process, "INT");
            },
            script);

        stillRanAfterTheSecond.ShouldBeTrue();
        result.Error.ShouldContain("still stopping");
        result.Error.ShouldContain("ended at once");
        result.ExitCode.ShouldBe(130);
    }

    private static async Task SendAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
