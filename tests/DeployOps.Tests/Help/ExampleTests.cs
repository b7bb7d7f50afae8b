using System.Text.RegularExpressions;
using DeployOps.Tests.Host;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Help;

/// <summary>
/// Runs what Get-Help and the README show, as they stand there, in a folder that has what they name: a plan with its files, backups with their proofs,
/// an open window in $window. What only reads or adds to the log runs for real and has to emit something; the rest runs under -WhatIf, and for real in its own tests.
/// </summary>
[Collection(EngineCollection.Name)]
public sealed class ExampleTests : IDisposable
{
    private static readonly string[] Harmless =
    [
        "Add-DeploymentNote", "Export-DeploymentReport", "Get-DeploymentLog", "Get-DeploymentWindow", "New-DeploymentBackup", "Send-DeploymentNotice", "Test-DeploymentLog", "Test-DeploymentPlan", "Test-DbMigration",
    ];

    // What may find nothing.
    private static readonly string[] Filters = ["Where-Object", "-Kind Gate", ").Deviations"];

    private readonly EngineHost _engine = new();
    private readonly ShopRelease _release;

    public ExampleTests()
    {
        _release = new ShopRelease(_engine);
        Directory.CreateDirectory(_release.Plans.PathOf("settings"));
        _release.Plans.Write("settings/app.json", "{}");
        _release.Run("""
            [void]$ExecutionContext.SessionState.Path.SetLocation([IO.Path]::GetDirectoryName($Plan))
            (New-DeploymentBackup -Kind Sqlite -ConnectionString 'Data Source=shop.db' -Name shop -Destination ./backups).File
            (New-DeploymentBackup -Folder ./settings -Destination ./backups).File
            """).Clean().Output.ToList().ForEach(file => Rename(file.ToString()!));
        _release.Plans.Write("scripts/V2_4_0__orders.sql", "CREATE TABLE orders (id INT PRIMARY KEY);\n");
        _release.Plans.Write("scripts/V2_4_1__lines.sql", "ALTER TABLE orders ADD COLUMN line INT NOT NULL;\n");
        _release.Execute("legacy.db", $"{ShopRelease.FlywayTable} INSERT INTO flyway_schema_history VALUES (1, '2.4.0', 'orders', 'SQL', 'V2_4_0__orders.sql', -1293154709, 'kim', '2025-01-02 03:04:05.678', 12, 1)");
        _release.Plans.Open(_engine);
    }

    public void Dispose()
    {
        _release.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Every_example_of_a_cmdlet_runs()
    {
        var examples = Examples().ToList();
        _release.Plans.Write("shop-2.4.0-1/journal.jsonl", string.Join('\n', _release.Log) + "\n");

        // Check-ins begin when a window is complete.
        var faults = examples.Where(example => !IsOfCheckIns(example)).SelectMany(Faults).ToList();
        _release.Run("Start-DeploymentWindow $Plan | Invoke-DbMigration | Invoke-Rollout | Test-Smoke | Complete-DeploymentWindow -Deviation 'nobody shops here, so there is nothing to watch'").Clean();
        faults.AddRange(examples.Where(IsOfCheckIns).SelectMany(Faults));

        examples.Count.ShouldBeGreaterThanOrEqualTo(40);
        faults.ShouldBeEmpty();
    }

    [Fact]
    public void Every_line_of_PowerShell_in_the_README_runs()
    {
        var blocks = Regex.Matches(Readme(), "```powershell\n(.*?)```", RegexOptions.Singleline).Select(match => match.Groups[1].Value).ToList();
        // The first block is what the rehearsals run as a whole; the plan is tested below.
        var commands = blocks.Skip(1).Where(block => !block.StartsWith("@{", StringComparison.Ordinal)).ToList();

        blocks[0].ShouldBe("Import-Module ./DeployOps.psd1\n./examples/shop/rehearse.ps1\n");
        commands.Count.ShouldBeGreaterThanOrEqualTo(3);
        commands.SelectMany(code => Faults(("README", code))).ShouldBeEmpty();
    }

    [Fact]
    public void The_plan_in_the_README_is_valid()
    {
        var plan = Regex.Match(Readme(), "```powershell\n(@\\{.*?)```", RegexOptions.Singleline).Groups[1].Value;
        _release.Plans.Write("readme.psd1", plan.Replace("env:SHOP_CHANNEL", "file:channel", StringComparison.Ordinal).Replace("env:GITHUB_TOKEN", "file:token", StringComparison.Ordinal));
        _release.Plans.Write("channel", "https://chat.example.org/hook");
        _release.Plans.Write("token", "token-of-the-test");
        _release.Plans.Write("release.ps1", "");
        _release.Plans.Write("deploy-instance.ps1", "");

        var test = _release.Run("Test-DeploymentPlan ([IO.Path]::Combine([IO.Path]::GetDirectoryName($Plan), 'readme.psd1'))").Clean();

        test.Text("IsValid").ShouldBe("True");
    }

    [Fact]
    public void The_commands_for_a_shell_in_the_README_are_those_that_tests_run()
    {
        var prose = Regex.Replace(Readme(), "```.*?```", "", RegexOptions.Singleline);
        var commands = Regex.Matches(prose, "^    (\\S.*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToList();

        // By the rehearsals, by CI, and by PackageTests.
        commands.ShouldBe(["dotnet run --project src/DeployOps.Host -- examples/shop/rehearse.ps1", "./tests/run.sh", "dotnet build -t:Package"]);
        commands.SelectMany(command => command.Split(' ')).Where(word => word.Contains('/')).ShouldAllBe(path => Path.Exists(Path.Combine(HostProcess.RepositoryRoot, path)));
    }

    private static string Readme() => File.ReadAllText(Path.Combine(HostProcess.RepositoryRoot, "README.md"));

    private static bool IsOfCheckIns((string Command, string Code) example) => example.Command.Contains("ExtendedMonitoring", StringComparison.Ordinal);

    private IEnumerable<(string Command, string Code)> Examples() => _engine
        .Invoke("foreach ($command in Get-Command -Module DeployOps) { foreach ($example in (Get-Help $command.Name -Full).examples.example) { \"$($command.Name)`n$($example.code)\" } }").Clean()
        .Output.Select(example => example.ToString().Split('\n', 2)).Select(parts => (parts[0], parts[1]));

    private IEnumerable<string> Faults((string Command, string Code) example)
    {
        var (command, code) = example;
        var isDry = !Harmless.Contains(command) && !code.Contains("-WhatIf", StringComparison.Ordinal);
        var result = _release.Run($"[void]$ExecutionContext.SessionState.Path.SetLocation([IO.Path]::GetDirectoryName($Plan)); & {{ $window = @(Get-DeploymentWindow)[0]; $WhatIfPreference = ${isDry}; {code} }}");
        var faults = result.Faults.Select(fault => $"{command}: {code}: {fault.FullyQualifiedErrorId}: {fault}");

        return Harmless.Contains(command) && !Array.Exists(Filters, code.Contains) && result.Output.Count == 0 ? faults.Append($"{command}: {code}: nothing came of it") : faults;
    }

    // The examples name a backup by when it was taken.
    private static void Rename(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        var name = Path.GetFileName(file);
        var shown = name[..(name.IndexOf('-', StringComparison.Ordinal) + 1)] + "20260102T030405Z";
        foreach (var part in Directory.GetFiles(folder, $"{Path.GetFileNameWithoutExtension(file)}.*"))
        {
            File.Move(part, Path.Combine(folder, shown + Path.GetFileName(part)[Path.GetFileNameWithoutExtension(file).Length..]));
        }
    }
}
