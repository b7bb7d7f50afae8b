using System.Xml.Linq;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>What Export-DeploymentCheck writes of what other cmdlets emit.</summary>
[Collection(EngineCollection.Name)]
public sealed class ExportDeploymentCheckTests : IDisposable
{
    private readonly EngineHost _engine = new();
    private readonly PlanFolder _plans = new();

    public ExportDeploymentCheckTests()
    {
        _plans.Write("scripts/V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        _plans.Write("scripts/V2__drop.sql", "DROP TABLE orders;");
        _plans.Write("scripts/U1__orders.sql", "SELECT 1;");
        _plans.Write("scripts/U2__drop.sql", "SELECT 1;");
    }

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Findings_become_test_cases_and_a_later_run_replaces_the_file()
    {
        var file = _plans.PathOf("lint.xml");
        Run("Test-DbMigration $Folder/scripts -Kind Sqlite | Export-DeploymentCheck $Folder/lint.xml").Clean();

        var result = Run("Test-DbMigration $Folder/scripts -Kind Sqlite | Export-DeploymentCheck $Folder/lint.xml").Clean();

        (result.Text("Outcome"), result.Text("Format"), result.Text("Checks"), result.Text("Failed"), result.Text("Path")).ShouldBe(("Succeeded", "JUnit", "1", "1", file));
        var failure = XDocument.Load(file).Descendants("testcase").ShouldHaveSingleItem();
        failure.Attribute("name")!.Value.ShouldBe("DST001 drop-table, line 1");
        failure.Element("failure")!.Attribute("message")!.Value.ShouldBe("What it holds is lost, and going back does not bring it back.");
    }

    [Fact]
    public void Nothing_found_is_a_file_too()
    {
        Run("Test-DbMigration $Folder/scripts/V1__orders.sql -Kind Sqlite | Export-DeploymentCheck $Folder/lint.tap").Clean().Text("Format").ShouldBe("Tap");

        File.ReadAllText(_plans.PathOf("lint.tap")).ShouldBe("TAP version 13\n# DeployOps\n1..0 # SKIP there are no checks\n");
    }

    [Fact]
    public void A_migration_that_fails_its_validations_is_written_from_its_error()
    {
        _plans.Write("validations/orders.sql", "-- verify: there are orders\n-- expect: >= 1\nSELECT count(*) FROM sqlite_master WHERE name = 'nothing';");
        using (File.Create(_plans.PathOf("shop.db")))
        {
            // An empty file is an empty database.
        }

        var result = Run("""
            try { Invoke-DbMigration -Kind Sqlite -ConnectionString "Data Source=$Folder/shop.db" -Path $Folder/scripts -Validations $Folder/validations | Export-DeploymentCheck $Folder/checks.xml }
            catch { if ($_.TargetObject -is [DeployOps.Phases.PhaseResult]) { $_.TargetObject | Export-DeploymentCheck $Folder/checks.xml } }
            """).Clean();

        result.Text("Failed").ShouldBe("2");
        var cases = XDocument.Load(_plans.PathOf("checks.xml")).Descendants("testcase").ToList();
        cases.Where(one => one.Element("failure") is not null).Select(one => one.Attribute("classname")!.Value).ShouldBe(["database", "orders.sql"]);
        cases.Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public void A_result_is_on_the_disk_although_what_comes_behind_it_ends_the_pipeline()
    {
        _plans.Write("smoke/gone.hurl", "GET http://127.0.0.1:1/\nHTTP 200\n");

        var result = Run("$ErrorActionPreference = 'Stop'; try { Test-Smoke $Folder/smoke/gone.hurl | Export-DeploymentCheck $Folder/smoke.xml } catch { $_.FullyQualifiedErrorId }").Clean();

        result.Single.ToString().ShouldBe("SmokeFailed,DeployOps.Commands.TestSmokeCommand");
        XDocument.Load(_plans.PathOf("smoke.xml")).Descendants("error").ShouldHaveSingleItem();
    }

    [Fact]
    public void Another_file_is_replaced_only_with_force_and_nothing_under_WhatIf()
    {
        _plans.Write("mine.xml", "<mine/>");

        Run("'x' | Export-DeploymentCheck $Folder/other.xml").ErrorIds.ShouldBe(["CheckKindUnknown,DeployOps.Commands.ExportDeploymentCheckCommand"]);
        Run("Test-DbMigration $Folder/scripts -Kind Sqlite | Export-DeploymentCheck $Folder/mine.xml").ErrorIds.ShouldBe(["CheckFileOverAnother,DeployOps.Commands.ExportDeploymentCheckCommand"]);
        Run("Test-DbMigration $Folder/scripts -Kind Sqlite | Export-DeploymentCheck $Folder/mine.xml -Force -WhatIf").Clean().Text("Outcome").ShouldBe("Planned");
        Run("Test-DbMigration $Folder/scripts -Kind Sqlite | Export-DeploymentCheck $Folder/nowhere/a.xml").ErrorIds.ShouldBe(["CheckFileNotWritten,DeployOps.Commands.ExportDeploymentCheckCommand"]);
        File.ReadAllText(_plans.PathOf("mine.xml")).ShouldBe("<mine/>");
        Run("Test-DbMigration $Folder/scripts -Kind Sqlite | Export-DeploymentCheck $Folder/mine.xml -Force").Clean();
        File.ReadAllText(_plans.PathOf("mine.xml")).ShouldStartWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites name=\"DeployOps\" ");
    }

    private EngineResult Run(string script) => _engine.Invoke($"param($Folder) {script}", ("Folder", Path.GetDirectoryName(_plans.PathOf("plan.psd1"))));
}
