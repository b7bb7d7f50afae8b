using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;
using DeployOps.Migrations.Validations;
using DeployOps.Smoke;

namespace DeployOps.Core.Tests.Phases.Failures;

internal static class MigrationFailures
{
    private const string Validated = "Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db'; Migrations = 'migrations'; Validations = 'validations' } )";

    internal static IReadOnlyList<FailureCase> All { get; } =
    [
        new("migration: a script fails, automatic", "MigrationScriptFailed", stage => ScriptAsync(stage, "When = 'Automatic'"), """
            Migration of shop-2.4.0-1 failed at 'shop: V2__notes.sql': V2__notes.sql:1: table notes already exists (1). Nothing of the script is left.
            Production: no instance and no traffic was changed, database shop migrated to 1, 'shop: V2__notes.sql' failed and left nothing; it went back.
            Next: Correct the script or the data. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("migration: a script fails, never", "MigrationScriptFailed", stage => ScriptAsync(stage, Stage.Never), """
            Migration of shop-2.4.0-1 failed at 'shop: V2__notes.sql': V2__notes.sql:1: table notes already exists (1). Nothing of the script is left.
            Production: no instance and no traffic was changed, database shop migrated to 1, 'shop: V2__notes.sql' failed and left nothing; nothing went back.
            Next: Correct the script or the data. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
        new("migration: a script fails, undone", "MigrationScriptFailed", stage => ScriptAsync(stage, "When = 'Automatic'; Database = 'Down'"), """
            Migration of shop-2.4.0-1 failed at 'shop: V2__notes.sql': V2__notes.sql:1: table notes already exists (1). Nothing of the script is left.
            Production: no instance and no traffic was changed, database shop back at what it was (no version); it went back.
            Next: Correct the script or the data. Look at what decided: Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog -Kind Gate; to release again, once another person has typed Approve-DeploymentPlan '~/plan.psd1': Start-DeploymentWindow '~/plan.psd1'
            """),
        new("migration: a checksum differs", "MigrationChecksumMismatch", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.History.Add(new AppliedMigration(MigrationVersion.TryParse("1")!, "orders", new string('a', 64), ScaledTime.Day, "somebody"));
            return await Stage.MigrateAsync(release);
        }, """
            Migration of shop-2.4.0-1 did not begin: V1__orders.sql changed after it was applied on #Z: # then, # now.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Put the applied text back and make the change a new migration. Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("migration: a script comes too late", "MigrationOutOfOrder", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            var scripts = await MigrationFolder.LoadAsync(Path.Combine(release.Root, "migrations"), CancellationToken.None);
            var second = scripts.First(script => script is { IsUndo: false } && script.Version.ToString() == "2");
            release.ShopDatabase.History.Add(new AppliedMigration(second.Version, second.Description, second.Checksum, ScaledTime.Day, "somebody"));
            return await Stage.MigrateAsync(release);
        }, """
            Migration of shop-2.4.0-1 did not begin: V1__orders.sql is older than 2, the newest version applied.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Give it a version above 2. Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("migration: the database is not reachable", "DatabaseUnreachable", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.BeforeAct = act => _ = act == "history" ? throw new DeployOpsException("DatabaseUnreachable", FaultKind.Failed, "shop.db cannot be opened: no such file.", "Check the path.") : 0;
            return await Stage.MigrateAsync(release);
        }, """
            Migration of shop-2.4.0-1 did not begin: shop.db cannot be opened: no such file.
            Production: no instance and no traffic was changed, no database was migrated; nothing went back.
            Next: Check the path. Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("migration: whether a script took effect cannot be asked", "StepStateUnknown", async stage =>
        {
            var release = await stage.OpenAsync(databases: Release.Database);
            release.ShopDatabase.BeforeAct = act => _ = act == "apply V2__notes.sql" ? throw new DeployOpsException("JournalBroken", FaultKind.Failed, "as if it were killed") : 0;
            (await Stage.MigrateAsync(release)).ErrorId.ShouldBe("JournalBroken");
            release.ShopDatabase.BeforeAct = act => _ = act == "history" ? throw new DeployOpsException("DatabaseUnreachable", FaultKind.Failed, "shop.db cannot be opened: no such file.", "Check the path.") : 0;
            return await Stage.MigrateAsync(release);
        }, """
            Migration of shop-2.4.0-1 is inconclusive at 'shop: V2__notes.sql': An earlier run began 'shop: V2__notes.sql' and did not see it end, and now it cannot be told: shop.db cannot be opened: no such file.
            Production: no instance and no traffic was changed, database shop migrated to 1 or further: 'shop: V2__notes.sql' was begun and not seen to end; nothing went back.
            Next: Check the path. Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration; or, to go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback
            """),
        new("migration: the old version does not run on the migrated schema", "KeepNotProven", async stage =>
        {
            var isWell = true;
            var release = await stage.PreparedAsync(Stage.Never, Release.Database, stage.Smoke(_ => new Reply(isWell ? 200 : 500)));
            isWell = false;
            return await Stage.MigrateAsync(release);
        }, """
            Migration of shop-2.4.0-1 failed: 2.3.0 does not run on the migrated schema, which going back would keep: 1 smoke tests: 1 failed; first ~/smoke/1.hurl:2 status: actual 500, expected 200. Nothing was rolled out.
            Production: 2.3.0 serves everything (blue-1 100, green-1 0), green-1 does not run, database shop migrated to 2; nothing went back.
            Next: Make the migration one that both versions run on, or say Rollback.Database = 'Down' or 'Restore'. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
        new("migration: a validation fails", "ValidationFailed", stage => ValidationAsync(stage, _ => new QueryAnswer(3, "3", ["id=7"])), """
            Migration of shop-2.4.0-1 failed: 1 validation failed after the migration: no orphans: expected no rows, got 3 rows (such as id=7).
            Production: no instance and no traffic was changed, database shop migrated to 2; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
        new("migration: a validation cannot be run", "ValidationFailed", stage => ValidationAsync(stage, _ => throw new DeployOpsException("DatabaseBusy", FaultKind.Busy, "shop.db is locked by another process.")), """
            Migration of shop-2.4.0-1 failed: 1 validation failed after the migration: no orphans: expected no rows, could not be asked: shop.db is locked by another process.
            Production: no instance and no traffic was changed, database shop migrated to 2; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
        new("migration: the first script fails", "MigrationScriptFailed", stage => ScriptAsync(stage, Stage.Never, "V1__orders.sql"), """
            Migration of shop-2.4.0-1 failed at 'shop: V1__orders.sql': V1__orders.sql:1: table notes already exists (1). Nothing of the script is left.
            Production: no instance and no traffic was changed, database shop not migrated (no version), 'shop: V1__orders.sql' failed and left nothing; nothing went back.
            Next: Correct the script or the data. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
        new("migration: a validation is refused by the database", "ValidationFailed", stage => ValidationAsync(stage, _ => throw new DeployOpsException("ValidationQueryFailed", FaultKind.Failed, "The query failed: no such table: missing.", "Correct the query, or look at what it found.")), """
            Migration of shop-2.4.0-1 failed: 1 validation failed after the migration: no orphans: expected no rows, got The query failed: no such table: missing. Correct the query, or look at what it found.
            Production: no instance and no traffic was changed, database shop migrated to 2; nothing went back.
            Next: To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
        new("migration: what shall stay the same cannot be asked before", "ValidationBaselineMissing", async stage =>
        {
            var release = await stage.OpenAsync(Stage.Never, Validated, files: ("validations/orders.sql", "-- verify: the notes stay\n-- expect: same as before\nSELECT count(*) FROM notes;"));
            release.ShopDatabase.Answer = _ => throw new DeployOpsException("ValidationQueryFailed", FaultKind.Failed, "The query failed: no such table: notes.", "Correct the query, or look at what it found.");
            return await Stage.MigrateAsync(release);
        }, """
            Migration of shop-2.4.0-1 failed: orders.sql: 'the notes stay' is expected to answer the same after the migration as before, and cannot be asked before: The query failed: no such table: notes. Correct the query, or look at what it found.
            Production: no instance and no traffic was changed, database shop not migrated (no version); nothing went back.
            Next: Let it ask only for what is there before the migration too. To go back: Get-DeploymentWindow shop-2.4.0-1 | Invoke-Rollback; or, when the cause is mended: Get-DeploymentWindow shop-2.4.0-1 | Invoke-DbMigration
            """),
    ];

    private static async Task<DeployOpsException> ScriptAsync(Stage stage, string rollback, string script = "V2__notes.sql")
    {
        var release = await stage.OpenAsync(rollback, Release.Database);
        release.ShopDatabase.BeforeAct = act => _ = act == $"apply {script}"
            ? throw new DeployOpsException("MigrationScriptFailed", FaultKind.Failed, $"{script}:1: table notes already exists (1). Nothing of the script is left.", "Correct the script or the data.")
            : 0;
        return await Stage.MigrateAsync(release);
    }

    private static async Task<DeployOpsException> ValidationAsync(Stage stage, Func<string, QueryAnswer> answer)
    {
        var release = await stage.OpenAsync(Stage.Never, Validated, files: ("validations/orders.sql", "-- verify: no orphans\n-- expect: no rows\nSELECT id FROM orders;"));
        release.ShopDatabase.Answer = answer;
        return await Stage.MigrateAsync(release);
    }
}
