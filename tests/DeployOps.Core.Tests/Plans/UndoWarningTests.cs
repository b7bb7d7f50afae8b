using DeployOps.Core.Tests.Support;
using DeployOps.Plans;

namespace DeployOps.Core.Tests.Plans;

/// <summary>Undo scripts that are missing are told of a plan that counts on them.</summary>
public sealed class UndoWarningTests
{
    private const string Database = "Databases = @( @{ Name = 'shop'; Kind = 'PostgreSql'; ConnectionString = 'Host=127.0.0.1;Database=shop'; Migrations = 'plain' } )";

    [Theory]
    [InlineData("Database = 'Down'", true)]
    [InlineData("Database = 'Keep'", false)]
    [InlineData("Database = 'Restore'", false)]
    [InlineData("When = 'Never'", false)]
    public async Task A_folder_without_undo_scripts_is_told_where_going_back_runs_them(string rollback, bool isTold)
    {
        using var release = await Release.OpenAsync(rollback: rollback, databases: Database, prepared: false, files: [("plain/V1__a.sql", "SELECT 1;"), ("plain/V2__b.sql", "SELECT 1;")]);

        var warnings = new PlanTester(release.Ports()).Test(release.PlanPath).Warnings.Where(warning => warning.Message.Contains("finding", StringComparison.Ordinal)).Select(warning => warning.Message);

        warnings.ShouldBe(isTold ? [$"has 1 finding, 0 that would refuse the migration: Test-DbMigration '{Path.Combine(release.Root, "plain")}' -Kind PostgreSql shows them."] : []);
    }
}
