namespace DeployOps.Tests.Host;

public sealed class ModuleTests : IDisposable
{
    private readonly ScriptFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Import-Module DeployOps")]
    [InlineData("Import-Module -Name DeployOps -ErrorAction Stop")]
    [InlineData("#Requires -Modules DeployOps")]
    public async Task The_module_is_there_and_importing_it_again_does_nothing(string import)
    {
        var script = _folder.Write("x.ps1", $"{import}\nGet-Module | ForEach-Object {{ \"$($_.Name) $($_.ModuleBase)\" }}");

        var result = await HostProcess.RunAsync(script);

        result.Error.ShouldBeEmpty();
        result.Lines.ShouldBe([$"DeployOps {HostProcess.RepositoryRoot}"]);
    }

    [Fact]
    public async Task Other_modules_import_as_ever()
    {
        _folder.Write("other.psm1", "function Get-Answer { param($Of) \"42 $Of\" }");
        var script = _folder.Write("x.ps1", "Import-Module $PSScriptRoot/other.psm1 -Force; Get-Answer -Of all; (Get-Module other).Name");

        var result = await HostProcess.RunAsync(script);

        result.Error.ShouldBeEmpty();
        result.Lines.ShouldBe(["42 all", "other"]);
    }
}
