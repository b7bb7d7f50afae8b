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
    public void Each_line_of_a_list_is_there(string type, string source, params string[] expected)
    {
        var lines = Items(type).Select(item => Line(source, item)).ToList();

        lines.Count.ShouldBeGreaterThan(5);
        expected.ShouldBeSubsetOf(lines);
        lines.ShouldAllBe(line => !line.Contains("DeployOps.", StringComparison.Ordinal) && !line.Contains("System.", StringComparison.Ordinal));
    }

    private static List<XElement> Items(string type) =>
        [.. XDocument.Load(Path.Combine(Path.GetDirectoryName(EngineHost.Manifest)!, "module", "DeployOps.Format.ps1xml")).Descendants("View")
            .Single(view => view.Element("ListControl") is not null && view.Descendants("TypeName").Any(name => name.Value == type)).Descendants("ListItem")];

    private string Line(string source, XElement item)
    {
        var value = item.Element("PropertyName") is { } property
            ? $"if ($_.psobject.Properties['{property.Value}']) {{ $_.{property.Value} }} else {{ throw 'no {property.Value}' }}"
            : item.Element("ScriptBlock")!.Value;
        return $"{(item.Element("Label") ?? item.Element("PropertyName"))!.Value}={_engine.Invoke($"param($Plan) {source} | ForEach-Object {{ \"$({value})\" }}", ("Plan", _plans.Plan)).Clean().Single}";
    }
}
