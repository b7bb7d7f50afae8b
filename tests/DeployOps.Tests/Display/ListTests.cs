using System.Text.RegularExpressions;
using System.Xml.Linq;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Display;

/// <summary>The list views. The engine's own Format-List is not here to be asked, so each of their lines is evaluated as it would.</summary>
[Collection(EngineCollection.Name)]
public sealed class ListTests : IDisposable
{
    private readonly EngineHost _engine = new();
    private readonly PlanFolder _plans = new();

    public ListTests() => _plans.Open(_engine);

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Theory]
    [InlineData("DeployOps.Windows.DeploymentWindow", "Get-DeploymentWindow", "Release=shop 2.4.0 to production", "State=Open")]
    [InlineData("DeployOps.Journal.JournalRecord", "@(Get-DeploymentWindow | Get-DeploymentLog)[0]", "Kind=WindowOpened", "Seq=1")]
    [InlineData("DeployOps.Plans.PlanTest", "Test-DeploymentPlan $Plan", "IsValid=True", "IsApproved=True")]
    [InlineData("DeployOps.Plans.Approvals.PlanApproval", "Approve-DeploymentPlan $Plan -WhatIf", "Outcome=Planned", "ApprovedBy=executor")]
    [InlineData("DeployOps.Migrations.MigrationResult", "Get-DeploymentWindow | Invoke-DbMigration", "Window=shop-2.4.0-1", "Outcome=Succeeded")]
    [InlineData("DeployOps.Rollouts.RolloutResult", "Get-DeploymentWindow | Invoke-Rollout", "Phase=Rollout", "Outcome=Succeeded")]
    [InlineData("DeployOps.Smoke.SmokeResult", "Get-DeploymentWindow | Test-Smoke", "Phase=Smoke", "Outcome=Succeeded")]
    [InlineData("DeployOps.Health.HealthCheckIn", "Get-DeploymentWindow | Watch-DeploymentHealth", "Phase=Monitoring", "Number=0")]
    [InlineData("DeployOps.Reports.CompletionResult", "Get-DeploymentWindow | Complete-DeploymentWindow -WhatIf", "Outcome=Planned", "Deviation=")]
    [InlineData("DeployOps.Rollbacks.RollbackResult", "Get-DeploymentWindow | Invoke-Rollback -WhatIf", "Outcome=Planned", "Database=Keep")]
    [InlineData("DeployOps.Backups.DeploymentBackup", "New-DeploymentBackup -Folder ([System.IO.Path]::GetDirectoryName($Plan)) -Destination ([System.IO.Path]::GetTempPath()) -WhatIf", "Outcome=Planned", "Kind=Folder")]
    [InlineData("DeployOps.CheckIns.ExtendedMonitoring", "Get-DeploymentWindow | Get-ExtendedMonitoring", "Window=shop-2.4.0-1", "Summary=not registered")]
    public void Each_line_of_a_list_is_there(string type, string source, params string[] expected)
    {
        var lines = Items(type).Select(item => Line(source, item)).ToList();

        lines.Count.ShouldBeGreaterThan(5);
        expected.ShouldBeSubsetOf(lines);
        lines.ShouldAllBe(line => !line.Contains("DeployOps.", StringComparison.Ordinal) && !line.Contains("System.", StringComparison.Ordinal));
    }

    [Fact]
    public void Each_line_of_every_list_asks_for_what_its_object_has()
    {
        var core = AppDomain.CurrentDomain.GetAssemblies().First(assembly => assembly.GetName().Name == "DeployOps.Core");
        var asked = 0;
        foreach (var view in Views())
        {
            var type = core.GetType(view.Descendants("TypeName").Single().Value, throwOnError: true)!;
            var scripts = view.Descendants("ScriptBlock").SelectMany(script => Regex.Matches(script.Value, @"\$_\.(\w+)").Select(match => match.Groups[1].Value));
            foreach (var name in view.Descendants("PropertyName").Select(property => property.Value).Concat(scripts))
            {
                type.GetProperty(name).ShouldNotBeNull($"{type}: {name}");
                asked++;
            }
        }

        asked.ShouldBeGreaterThan(100);
    }

    private static IEnumerable<XElement> Views() =>
        XDocument.Load(Path.Combine(Path.GetDirectoryName(EngineHost.Manifest)!, "module", "DeployOps.Format.ps1xml")).Descendants("View").Where(view => view.Element("ListControl") is not null);

    private static List<XElement> Items(string type) =>
        [.. Views().Single(view => view.Descendants("TypeName").Any(name => name.Value == type)).Descendants("ListItem")];

    private string Line(string source, XElement item)
    {
        var value = item.Element("PropertyName") is { } property
            ? $"if ($_.psobject.Properties['{property.Value}']) {{ $_.{property.Value} }} else {{ throw 'no {property.Value}' }}"
            : item.Element("ScriptBlock")!.Value;
        return $"{(item.Element("Label") ?? item.Element("PropertyName"))!.Value}={_engine.Invoke($"param($Plan) {source} | ForEach-Object {{ \"$({value})\" }}", ("Plan", _plans.Plan)).Clean().Single}";
    }
}
