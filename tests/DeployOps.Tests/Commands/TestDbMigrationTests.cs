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

        found.Clean().Output.Select(one => one.ToString()).ShouldBe(["V2__index.sql:2 LCK002 Error True ", "V2__index.sql:1 RLB001 Warning False ", "U3__index.sql:2 LCK002 Error False small"]);
    }

    [Fact]
    public void What_hurts_one_kind_of_database_may_be_nothing_to_another()
    {
        var script = _plans.Write(Path.Combine("scripts", "V1__index.sql"), "CREATE INDEX j ON orders (a);");

        _engine.Invoke("param($Path) Test-DbMigration $Path -Kind Sqlite", ("Path", script)).Clean().Output.ShouldBeEmpty();
    }

    [Fact]
    public void Pending_scripts_are_looked_at_by_what_a_database_knows_of_them()
    {
        var folder = Path.GetDirectoryName(_plans.Write(Path.Combine("scripts", "V1__orders.sql"), "CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT);\nINSERT INTO orders (note) VALUES ('a'), ('a');"))!;
        _plans.Write(Path.Combine("scripts", "U1__orders.sql"), "DROP TABLE orders;");
        var database = _plans.Write("shop.db", "");
        (string, object?)[] values = [("Folder", folder), ("Database", $"Data Source={database}")];
        _engine.Invoke("param($Folder, $Database) Invoke-DbMigration -Kind Sqlite -ConnectionString $Database -Path $Folder", values).Clean();
        _plans.Write(Path.Combine("scripts", "V1__orders.sql"), "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        _plans.Write(Path.Combine("scripts", "V2__once.sql"), "CREATE UNIQUE INDEX once ON orders (note);");
        var before = File.ReadAllBytes(database);

        var found = _engine.Invoke("param($Folder, $Database) Test-DbMigration $Folder -Kind Sqlite -ConnectionString $Database | ForEach-Object { \"$($_.File) $($_.Rule) $($_.Name) $($_.Severity)\" }", values).Clean();

        found.Output.Select(one => one.ToString()).ShouldBe(["V1__orders.sql SEQ001 changed-after-applied Error", "V2__once.sql DAT001 unique-on-existing-rows Error", "V2__once.sql RLB001 undo-missing Warning"]);
        File.ReadAllBytes(database).ShouldBe(before);
    }

    [Fact]
    public void Two_scripts_of_one_version_are_a_finding()
    {
        var folder = Path.GetDirectoryName(_plans.Write(Path.Combine("scripts", "V1__a.sql"), "SELECT 1;"))!;
        _plans.Write(Path.Combine("scripts", "V1_0__b.sql"), "SELECT 1;");

        _engine.Invoke("param($Folder) Test-DbMigration $Folder -Kind Sqlite | Where-Object Refuses | ForEach-Object { \"$($_.Rule) $($_.Name)\" }", ("Folder", folder)).Clean().Single.ToString().ShouldBe("SEQ001 duplicate-version");
    }

    [Fact]
    public void A_name_that_is_none_of_a_migration_is_refused() =>
        _engine.Invoke("param($Path) Test-DbMigration $Path -Kind Sqlite", ("Path", _plans.Write("orders.sql", "SELECT 1"))).ErrorIds.ShouldBe(["MigrationNameInvalid,DeployOps.Commands.TestDbMigrationCommand"]);
}
