namespace DeployOps.Tests.Host;

public sealed class ExitCodeTests : IDisposable
{
    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("'done'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("function Leave { exit 9 }; Leave; 'not reached'", 9)]
    [InlineData("exit", 0)]
    [InlineData("throw 'boom'", 1)]
    [InlineData("$ErrorActionPreference = 'Stop'; Get-Nothing; 'not reached'", 1)]
    [InlineData("if {", 1)]
    [InlineData("Get-Nothing; 'goes on'", 0)]
    [InlineData("& sh -c 'exit 3'; Get-Nothing", 0)]
    public async Task The_exit_code_is_the_scripts_own(string text, int expected)
    {
        var script = _folder.Write("x.ps1", text);

        var result = await HostProcess.RunAsync(script);

        result.ExitCode.ShouldBe(expected);
        result.Output.ShouldNotContain("not reached");
    }

    [Fact]
    public async Task A_nested_script_leaves_only_itself_and_hands_its_code_over()
    {
        _folder.Write("inner.ps1", "exit 5; 'not reached'");
        var script = _folder.Write("outer.ps1", "& $PSScriptRoot/inner.ps1; \"inner $LASTEXITCODE\"; exit $LASTEXITCODE");

        var result = await HostProcess.RunAsync(script);

        result.Lines.ShouldBe(["inner 5"]);
        result.ExitCode.ShouldBe(5);
    }
}
