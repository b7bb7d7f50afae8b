namespace DeployOps.Tests.Host;

public sealed class ArgumentTests : IDisposable
{
    private const string Echo = """
        param([int]$Number, [string]$Name, [switch]$Flag, [Parameter(ValueFromRemainingArguments)]$Rest)
        "$Number $($Number.GetType().Name);$Name;$Flag;$($Rest -join '|')"
        """;

    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("5 Int32;two words;True;", "-Number", "5", "-Name", "two words", "-Flag")]
    [InlineData("5 Int32;a:b;False;", "-Number:5", "-Name:a:b", "-Flag:$false")]
    [InlineData("5 Int32;x;True;", "-Flag:$true", "5", "x")]
    [InlineData("-5 Int32;x;False;", "-Number", "-5", "-Name", "x")]
    [InlineData("0 Int32;$false;False;", "-Name", "$false")]
    [InlineData("1 Int32;x;False;--|y", "1", "x", "--", "y")]
    [InlineData("1 Int32;;False;", "-Num", "1", "-Name", "")]
    public async Task Arguments_bind_as_pwsh_File_binds_them(string expected, params string[] arguments)
    {
        var script = _folder.Write("echo.ps1", Echo);

        var result = await HostProcess.RunAsync([script, .. arguments]);

        result.Error.ShouldBeEmpty();
        result.Lines.ShouldBe([expected]);
    }

    [Fact]
    public async Task A_script_without_parameters_gets_its_words_in_args_as_strings()
    {
        var script = _folder.Write("args.ps1", "$args | ForEach-Object { \"$($_.GetType().Name) $_\" }");

        var result = await HostProcess.RunAsync(script, "1", "two");

        result.Lines.ShouldBe(["String 1", "String two"]);
    }

    [Fact]
    public async Task A_value_that_does_not_convert_is_an_error_that_names_its_parameter()
    {
        var script = _folder.Write("echo.ps1", Echo);

        var result = await HostProcess.RunAsync(script, "-Number", "many");

        result.ExitCode.ShouldBe(1);
        result.Error.ShouldContain("'Number'");
        result.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_script_knows_its_own_file()
    {
        var script = _folder.Write("where.ps1", "$PSScriptRoot; $PSCommandPath; $MyInvocation.MyCommand.Path; & { $MyInvocation.ScriptName }");

        var result = await HostProcess.RunAsync(script);

        result.Lines.ShouldBe([Path.GetDirectoryName(script)!, script, script, script]);
    }

    [Theory]
    [InlineData("No script was named")]
    [InlineData("There is no script", "absent.ps1")]
    [InlineData("no switch '-Fast'", "-Fast", "x.ps1")]
    public async Task A_wrong_command_line_says_how_it_is_used(string expected, params string[] arguments)
    {
        var result = await HostProcess.RunAsync(arguments);

        result.ExitCode.ShouldBe(64);
        result.Error.ShouldContain(expected);
        result.Error.ShouldContain("Usage: DeployOps.Host");
    }
}
