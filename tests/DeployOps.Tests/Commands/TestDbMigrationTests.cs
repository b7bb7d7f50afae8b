using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>What Test-DbMigration says of scripts on disk.</summary>
[Collection(EngineCollection.Name)]
public sealed class TestDbMigrationTests : IDisposable
{
    private readonly EngineHost _engine = new();
    private readonly PlanFolder _plans = new();

    public void Dispose()
    {
        _plans.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void Files_and_folders_come_through_the_pipeline_and_each_finding_goes_out()
    {
        _plans.Write(Path.Combine("scripts", "V1__lines.sql"), "CREATE TABLE lines (a int);\nCREATE INDEX i ON lines (a);");
        var folder = Path.GetDirectoryName(_plans.Write(Path.Combine("scripts", "V2__index.sql"), "SELECT 1;\nCREATE INDEX j ON lines (a);"))!;
        var undo = _plans.Write(Path.Combine("undo", "U3__index.sql"), "-- deployops: allow LCK002 reason=\"small\"\nDROP INDEX j;");

        var found = _engine.Invoke(
            "param($Folder, $Undo) $Folder, $Undo | Test-DbMigration -Kind PostgreSql | ForEach-Object { \"$($_.File):$($_.Line) $($_.Rule) $($_.Severity) $($_.Refuses) $($_.Reason)\" }", ("Folder", folder), ("Undo", undo));

        found.Clean().Output.Select(one => one.ToString()).ShouldBe(["V2__index.sql:2 LCK002 Error True ", "U3__index.sql:2 LCK002 Error False small"]);
    }

    [Fact]
    public void What_hurts_one_kind_of_database_may_be_nothing_to_another()
    {
        var script = _plans.Write(Path.Combine("scripts", "V1__index.sql"), "CREATE INDEX j ON orders (a);");

        _engine.Invoke("param($Path) Test-DbMigration $Path -Kind Sqlite", ("Path", script)).Clean().Output.ShouldBeEmpty();
    }

    [Fact]
    public void A_name_that_is_none_of_a_migration_is_refused() =>
        _engine.Invoke("param($Path) Test-DbMigration $Path -Kind Sqlite", ("Path", _plans.Write("orders.sql", "SELECT 1"))).ErrorIds.ShouldBe(["MigrationNameInvalid,DeployOps.Commands.TestDbMigrationCommand"]);
}
