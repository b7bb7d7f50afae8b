using DeployOps.Tests.Support;

namespace DeployOps.Tests.Display;

/// <summary>What a person sees of a release.</summary>
[Collection(EngineCollection.Name)]
public sealed class TableTests : IDisposable
{
    private readonly RecordingHost _host = new();
    private readonly EngineHost _engine;
    private readonly PlanFolder _plans = new();

    public TableTests()
    {
        _engine = new EngineHost(_host);
        _plans.Open(_engine);
    }

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void The_window_and_its_phases_print_one_table_with_a_row_each()
    {
        _engine.Invoke("""
            & {
                ($w = Get-DeploymentWindow)
                $w | Invoke-DbMigration
                $w | Invoke-Rollout
                $w | Test-Smoke
                $w | Watch-DeploymentHealth
                $w | Complete-DeploymentWindow
            } | Out-Default
            """).Clean();

        _host.Lines.Count(IsRuler).ShouldBe(1, string.Join('\n', _host.Lines));
        _host.Lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["Window", "Phase", "Outcome", "Duration", "Summary"]);
        _host.Lines.Skip(2).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..3]).ShouldBe([
            ["shop-2.4.0-1", "Preparation", "Open"],
            ["shop-2.4.0-1", "Migration", "Succeeded"],
            ["shop-2.4.0-1", "Rollout", "Succeeded"],
            ["shop-2.4.0-1", "Smoke", "Succeeded"],
            ["shop-2.4.0-1", "Monitoring", "Succeeded"],
            ["shop-2.4.0-1", "Completion", "Succeeded"]]);
    }

    [Fact]
    public void Everything_says_itself_in_one_line()
    {
        var said = _engine.Invoke("""
            param($Plan)
            & {
                Get-DeploymentWindow
                Test-DeploymentPlan $Plan
                Approve-DeploymentPlan $Plan -WhatIf
                Get-DeploymentWindow | Test-DeploymentLog
                Get-DeploymentWindow | Get-DeploymentLog
                Get-DeploymentWindow | Invoke-DbMigration
                Get-DeploymentWindow | Invoke-Rollout
                Get-DeploymentWindow | Test-Smoke
                Get-DeploymentWindow | Watch-DeploymentHealth
                Get-DeploymentWindow | Export-DeploymentReport
                Get-DeploymentWindow | Invoke-Rollback
            } | ForEach-Object { $_.ToString() }
            """, ("Plan", _plans.Plan)).Clean().Output.Select(output => output.ToString()).ToList();

        said.Count.ShouldBeGreaterThan(12);
        said.ShouldAllBe(line => line.Length > 0 && !line.Contains('\n') && !line.Contains(" { ") && !line.StartsWith("DeployOps."));
    }

    [Theory]
    [InlineData("Get-DeploymentWindow", "Id", "LogPath")]
    [InlineData("@(Get-DeploymentWindow | Get-DeploymentLog)[0]", "Seq", "Data")]
    public void A_list_shows_what_a_table_has_no_room_for(string command, string first, string last)
    {
        var shown = _engine.Invoke($"$shown = {command}; $names = $shown.PSStandardMembers.DefaultDisplayPropertySet.ReferencedPropertyNames; $names; $names | ForEach-Object {{ [bool] $shown.PSObject.Properties[$_] }}")
            .Clean().Output.Select(output => output.ToString()).ToList();

        var names = shown[..(shown.Count / 2)];
        names[0].ShouldBe(first);
        names.ShouldContain(last);
        shown[names.Count..].ShouldAllBe(exists => exists == "True");
    }

    private static bool IsRuler(string line) => line.Trim().Length > 0 && line.All(sign => sign is '-' or ' ');
}
