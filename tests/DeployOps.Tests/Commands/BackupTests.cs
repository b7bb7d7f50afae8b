using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>Backups taken and put back outside of any window.</summary>
[Collection(EngineCollection.Name)]
public sealed class BackupTests : IDisposable
{
    private const string Restore = "DeployOps.Commands.RestoreDeploymentBackupCommand";

    private readonly EngineHost _engine = new();
    private readonly PlanFolder _folder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public void A_database_is_what_it_was_once_its_backup_is_put_back()
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2);");
        var taken = BackUpDatabase();
        WriteRows("V2__more.sql", "INSERT INTO orders VALUES (3);");

        var refused = RestoreDatabase(File(taken), "-Confirm:$false");
        var restored = RestoreDatabase(File(taken), "-Confirm:$false -AcceptDataLoss");

        taken.Text("Outcome").ShouldBe("Succeeded");
        taken.Text("Summary").ShouldBe("2 tables with 3 rows, restored and equal");
        refused.ErrorIds.ShouldBe([$"DataLossNotAccepted,{Restore}"]);
        refused.Faults[0].ToString().ShouldContain("shop.orders has 3 rows, 2 in the backup");
        restored.Clean().Text("Outcome").ShouldBe("Succeeded");
        BackUpDatabase().Text("Summary").ShouldBe("2 tables with 3 rows, restored and equal");
    }

    [Fact]
    public void A_database_that_is_not_there_has_nothing_to_lose()
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);");
        var taken = BackUpDatabase();
        System.IO.File.Delete(_folder.PathOf("shop.db"));

        RestoreDatabase(File(taken), "-Confirm:$false").Clean().Text("Summary")!.ShouldEndWith("with 2 tables with 2 rows; nothing is lost");

        BackUpDatabase().Text("Summary").ShouldBe("2 tables with 2 rows, restored and equal");
    }

    [Fact]
    public void Where_nobody_can_confirm_nothing_is_put_back()
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        var taken = BackUpDatabase();

        RestoreDatabase(File(taken), "").ErrorIds.ShouldBe([$"NobodyToConfirm,{Restore}"]);
    }

    [Fact]
    public void What_if_names_the_loss_and_changes_nothing()
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        var taken = BackUpDatabase();
        WriteRows("V2__more.sql", "INSERT INTO orders VALUES (3);");
        var before = _folder.Fingerprint(_engine.Home);

        var planned = RestoreDatabase(File(taken), "-WhatIf").Clean();

        planned.Text("Outcome").ShouldBe("Planned");
        planned.Text("Summary")!.ShouldContain("lost: shop.orders has 1 rows, 0 in the backup");
        _folder.Fingerprint(_engine.Home).ShouldBe(before);
    }

    [Theory]
    [InlineData("changed", "BackupChanged")]
    [InlineData("gone", "BackupMissing")]
    [InlineData("unproven", "BackupProofMissing")]
    [InlineData("{", "BackupProofInvalid")]
    [InlineData("null", "BackupProofInvalid")]
    [InlineData("{}", "BackupProofInvalid")]
    [InlineData("{\"databaseKind\":\"Sqlite\",\"database\":{}}", "BackupProofInvalid")]
    public void A_backup_that_is_not_what_was_proven_is_not_put_back(string what, string errorId)
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        var file = File(BackUpDatabase());
        var proof = $"{file}.proof.json";
        switch (what)
        {
            case "changed":
                System.IO.File.AppendAllText(file, "x");
                break;
            case "gone":
                System.IO.File.Delete(file);
                break;
            case "unproven":
                System.IO.File.Delete(proof);
                break;
            default:
                System.IO.File.WriteAllText(proof, what);
                break;
        }

        var before = _folder.Fingerprint(_engine.Home);
        RestoreDatabase(file, "-Confirm:$false").ErrorIds.ShouldBe([$"{errorId},{Restore}"]);
        _folder.Fingerprint(_engine.Home).ShouldBe(before);
    }

    [Fact]
    public void A_folder_is_put_back_where_it_was_or_elsewhere()
    {
        _folder.Write("settings/app.json", "old");
        var taken = _engine.Invoke("param($Folder, $To) New-DeploymentBackup -Folder $Folder -Destination $To", ("Folder", _folder.PathOf("settings")), ("To", _folder.PathOf("backups"))).Clean();
        _folder.Write("settings/app.json", "new");

        var elsewhere = _engine.Invoke("param($Backup, $To) $Backup | Restore-DeploymentBackup -Folder $To -Confirm:$false", ("Backup", taken.Single), ("To", _folder.PathOf("then"))).Clean();
        var refused = _engine.Invoke("param($Backup) $Backup | Restore-DeploymentBackup -Confirm:$false", ("Backup", taken.Single));
        var restored = _engine.Invoke("param($Backup) $Backup | Restore-DeploymentBackup -Confirm:$false -AcceptDataLoss", ("Backup", taken.Single)).Clean();

        taken.Text("Name").ShouldBe("settings");
        elsewhere.Text("Target").ShouldBe(_folder.PathOf("then"));
        System.IO.File.ReadAllText(_folder.PathOf("then/app.json")).ShouldBe("old");
        refused.ErrorIds.ShouldBe([$"DataLossNotAccepted,{Restore}"]);
        refused.Faults[0].ToString().ShouldContain("app.json has the same length and another content");
        restored.Text("Outcome").ShouldBe("Succeeded");
        System.IO.File.ReadAllText(_folder.PathOf("settings/app.json")).ShouldBe("old");
    }

    [Theory]
    [InlineData("", "RestorePlaceMissing")]
    [InlineData("-Folder somewhere", "RestorePlaceWrong")]
    [InlineData("-ConnectionString 'Data'", "DatabaseConnectionStringInvalid")]
    public void A_database_wants_a_place_of_its_kind(string place, string errorId)
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        var file = File(BackUpDatabase());

        _engine.Invoke($"param($File) Restore-DeploymentBackup $File {place} -Confirm:$false", ("File", file)).ErrorIds.ShouldBe([$"{errorId},{Restore}"]);
    }

    [Fact]
    public void A_plan_names_what_is_backed_up_and_where_it_is_put_back()
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY);");
        _folder.Write("settings/app.json", "old");
        using var plans = new PlanFolder($$"""
            Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source={{_folder.PathOf("shop.db")}}' } )
            Configuration = @( @{ Name = 'settings'; Path = '{{_folder.PathOf("settings")}}' } )
            """);
        _engine.Invoke("param($Plan, $To) New-DeploymentBackup $Plan $To", ("Plan", plans.Plan), ("To", _folder.PathOf("backups"))).Clean()
            .Output.Select(one => $"{one.Properties["Name"].Value} {one.Properties["Kind"].Value} {one.Properties["Outcome"].Value}").ShouldBe(["shop Database Succeeded", "settings Folder Succeeded"]);
        _folder.Write("settings/app.json", "new");

        var restored = _engine.Invoke(
            "param($Plan, $From) [IO.Directory]::GetFiles($From, 's*.db') + [IO.Directory]::GetFiles($From, 's*.tar') | Restore-DeploymentBackup -Plan $Plan -Confirm:$false -AcceptDataLoss",
            ("Plan", plans.Plan),
            ("From", _folder.PathOf("backups"))).Clean();

        restored.Output.Select(one => one.Properties["Name"].Value).ShouldBe(["shop", "settings"]);
        System.IO.File.ReadAllText(_folder.PathOf("settings/app.json")).ShouldBe("old");
    }

    [Fact]
    public void A_plan_without_anything_to_back_up_is_refused()
    {
        using var plans = new PlanFolder("");

        _engine.Invoke("param($Plan, $To) New-DeploymentBackup $Plan $To", ("Plan", plans.Plan), ("To", _folder.PathOf("backups"))).ErrorIds.ShouldBe(["NothingToBackUp,DeployOps.Commands.NewDeploymentBackupCommand"]);
    }

    [Fact]
    public void What_a_window_backed_up_can_be_put_back_without_it()
    {
        WriteRows("V1__orders.sql", "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1);");
        using var plans = new PlanFolder($"Databases = @( @{{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source={_folder.PathOf("shop.db")}' }} )");
        plans.Open(_engine);
        var backup = Directory.EnumerateFiles(_engine.Home, "shop-1.db", SearchOption.AllDirectories).Single();

        RestoreDatabase(backup, "-Confirm:$false").Clean().Text("Outcome").ShouldBe("Succeeded");
    }

    private static string File(EngineResult taken) => taken.Text("File")!;

    private void WriteRows(string script, string sql)
    {
        if (!System.IO.File.Exists(_folder.PathOf("shop.db")))
        {
            _folder.Write("shop.db", "");
        }

        _folder.Write($"migrations/{script}", sql);
        _engine.Invoke(
            "param($Database, $Path) Invoke-DbMigration -Kind Sqlite -ConnectionString \"Data Source=$Database\" -Path $Path",
            ("Database", _folder.PathOf("shop.db")),
            ("Path", _folder.PathOf("migrations"))).Clean();
    }

    private EngineResult BackUpDatabase() => _engine.Invoke(
        "param($Database, $To) New-DeploymentBackup -Kind Sqlite -ConnectionString \"Data Source=$Database\" -Name shop -Destination $To",
        ("Database", _folder.PathOf("shop.db")),
        ("To", _folder.PathOf("backups"))).Clean();

    private EngineResult RestoreDatabase(string file, string options) => _engine.Invoke(
        $"param($File, $Database) Restore-DeploymentBackup $File -ConnectionString \"Data Source=$Database\" {options}",
        ("File", file),
        ("Database", _folder.PathOf("shop.db")));
}
