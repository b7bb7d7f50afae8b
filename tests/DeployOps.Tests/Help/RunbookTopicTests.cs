using System.Text.RegularExpressions;
using DeployOps.Tests.Host;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Help;

/// <summary>What about_DeployOps_Runbooks shows to be copied into a runbook, run as one.</summary>
[Collection(EngineCollection.Name)]
public sealed class RunbookTopicTests : IDisposable
{
    private readonly EngineHost _engine = new();
    private readonly ShopRelease _release;

    public RunbookTopicTests() => _release = new ShopRelease(_engine);

    public void Dispose()
    {
        _release.Dispose();
        _engine.Dispose();
    }

    [Theory]
    [InlineData("exit 0", null, "Open")]
    [InlineData("exit 7", "my-check.ps1 ended with 7.", "RolledBack")]
    [InlineData("throw 'no orders come'", "no orders come", "RolledBack")]
    public void A_check_of_ones_own_decides(string check, string? error, string state)
    {
        _release.Plans.Approve(_engine);

        var result = Run(check);

        result.Exception?.Message.ShouldBe(error);
        (result.Exception is null).ShouldBe(error is null);
        State().ShouldBe(state);
    }

    [Fact]
    public void A_phase_that_failed_goes_back()
    {
        File.WriteAllText(_release.Plans.Plan, File.ReadAllText(_release.Plans.Plan).Replace("Smoke = @(", "Rollback = @{ When = 'Never' }; Smoke = @(", StringComparison.Ordinal));
        _release.Plans.Write("deploy.ps1", "param($Instance, [string]$Version, $Window) if ($Version -eq '2.4.0') { throw 'the disk is full' }");
        _release.Plans.Approve(_engine);

        var result = Run("exit 0");

        result.Exception!.Message.ShouldContain("the disk is full");
        State().ShouldBe("RolledBack");
    }

    [Fact]
    public void A_phase_that_was_refused_does_not()
    {
        _release.Plans.Approve(_engine);

        var result = Run("exit 0", "[IO.File]::AppendAllText(\"$PSScriptRoot/plan.psd1\", \"# a late word`n\")");

        result.Exception!.Message.ShouldContain("plan.psd1 changed");
        State().ShouldBe("Open");
        _release.Log.ShouldNotContain(line => line.Contains("StopRequested", StringComparison.Ordinal));
    }

    [Fact]
    public void The_exit_codes_are_those_of_the_examples_runbooks()
    {
        var shown = Block("EXIT CODES");

        foreach (var example in new[] { "shop", "systemd" })
        {
            var runbook = File.ReadAllLines(Path.Combine(HostProcess.RepositoryRoot, "examples", example, "release.ps1")).Where(line => !line.TrimStart().StartsWith('#'));
            string.Join('\n', runbook).ShouldContain(shown);
        }
    }

    // Without what brings other commands, and what the module has, which a deploy script does not.
    [Fact]
    public void The_commands_that_the_host_lacks_are_those_of_which_the_plan_test_warns()
    {
        var section = Section("WITHOUT PWSH");
        var named = Commands(section).Except(["Import-Module", "Test-DeploymentPlan"], StringComparer.Ordinal).ToList();
        var lacking = Commands(Regex.Match(section, @"are not there: no (.*?)\.", RegexOptions.Singleline).Groups[1].Value).ToList();
        _release.Plans.Write("deploy.ps1", string.Join('\n', named));

        var test = _release.Run("(Test-DeploymentPlan $Plan).Warnings | ForEach-Object Message").Clean();

        lacking.Count.ShouldBeGreaterThan(5);
        test.Output.Select(warning => warning.ToString().Split(' ', ',')[1]).ShouldBe(lacking, ignoreOrder: true);
    }

    private static IEnumerable<string> Commands(string text) => Regex.Matches(text, @"\b[A-Z][A-Za-z]+-[A-Z][A-Za-z]+\b").Select(match => match.Value).Distinct(StringComparer.Ordinal);

    private EngineResult Run(string check, string before = "")
    {
        _release.Plans.Write("my-check.ps1", check);
        var runbook = _release.Plans.Write("run.ps1", $"""
            $ErrorActionPreference = 'Stop'
            $window = Start-DeploymentWindow "$PSScriptRoot/plan.psd1"
            $null = $window | Invoke-DbMigration
            {before}
            {Block("YOUR OWN WAY BACK")}
            """);

        return _release.Run("$null = & $Subject", runbook);
    }

    private string State() => _release.Run("\"$((Get-DeploymentWindow shop-2.4.0-1).State)\"").Clean().Single.ToString()!;

    private static string Section(string name)
    {
        var topic = File.ReadAllText(Path.Combine(HostProcess.RepositoryRoot, "module", "about_DeployOps_Runbooks.help.txt"));
        return Regex.Match(topic, $@"^  {name}\n(.*?)(?=^ {{0,2}}[A-Z])", RegexOptions.Singleline | RegexOptions.Multiline).Groups[1].Value;
    }

    // The lines of a section that stand in by eight, as code does.
    private static string Block(string section)
    {
        var lines = Section(section).Split('\n').Where(line => line.StartsWith("        ", StringComparison.Ordinal)).Select(line => line[8..]).ToList();
        lines.Count.ShouldBeGreaterThan(10);

        return string.Join('\n', lines);
    }
}
