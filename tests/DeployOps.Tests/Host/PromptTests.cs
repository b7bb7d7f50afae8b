namespace DeployOps.Tests.Host;

public sealed class PromptTests : IDisposable
{
    private const string Choose = """
        $choices = [System.Management.Automation.Host.ChoiceDescription[]]@('&Yes', '&No')
        "chose $($Host.UI.PromptForChoice('Go back', 'Restore the backup?', $choices, 1))"
        """;

    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_missing_parameter_is_named_where_nobody_can_answer()
    {
        var script = _folder.Write("x.ps1", "param([Parameter(Mandatory)][string]$Zone) \"zone $Zone\"");

        var result = await HostProcess.RunAsync(script);

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("Zone");
        result.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_question_that_nobody_can_answer_says_what_to_give_instead()
    {
        var script = _folder.Write("x.ps1", "$ErrorActionPreference = 'Stop'\n" + Choose);

        var result = await HostProcess.RunAsync(script);

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("Restore the backup?");
        result.Error.ShouldContain("-Confirm:$false");
    }

    [Theory]
    [InlineData("y", "chose 0")]
    [InlineData("No", "chose 1")]
    [InlineData("", "chose 1")]
    [InlineData("perhaps\ny", "chose 0")]
    public async Task A_person_at_a_terminal_is_asked_until_the_answer_is_one(string typed, string expected)
    {
        var script = _folder.Write("x.ps1", $"[System.IO.File]::WriteAllText(\"$PSScriptRoot/asks\", '')\n{Choose}");

        var result = await HostProcess.RunOnTerminalAsync(
            async process =>
            {
                await _folder.AppearsAsync("asks");
                await process.StandardInput.WriteAsync(typed + "\n");
                await process.StandardInput.FlushAsync();
            },
            script);

        result.Output.ShouldContain("[Y] Yes  [N] No  [?] Help (N): ");
        result.Output.ShouldContain(expected);
    }

    [Fact]
    public async Task NonInteractive_asks_nobody_on_a_terminal_either()
    {
        var script = _folder.Write("x.ps1", "$ErrorActionPreference = 'Stop'\n" + Choose);

        var result = await HostProcess.RunOnTerminalAsync(_ => Task.CompletedTask, "-NonInteractive", script);

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldContain("nobody can answer");
    }
}
