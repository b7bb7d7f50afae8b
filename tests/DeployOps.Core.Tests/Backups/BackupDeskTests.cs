using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;

namespace DeployOps.Core.Tests.Backups;

public sealed class BackupDeskTests
{
    [Theory]
    [InlineData("Sqlite", ".db")]
    [InlineData("PostgreSql", ".dump")]
    [InlineData("postgresql", ".dump")]
    [InlineData("MariaDb", ".sql")]
    public async Task A_backup_ends_as_what_it_is(string kind, string ending)
    {
        using var release = await Release.OpenAsync();
        var database = new DatabaseSpec { Name = "shop", Kind = kind, ConnectionString = "Host=db;Database=shop", BaseFolder = release.Folder };

        var planned = new BackupDesk(release.Ports(), new SilentReporter()).Plan(database, release.Folder);

        Path.GetExtension(planned.File).ShouldBe(ending);
    }

    [Fact]
    public async Task Who_looks_for_a_moment_whether_the_environment_is_free_keeps_no_backup_from_being_put_back()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);
        var database = release.Ports().Plans.Read(release.PlanPath).Require().Databases[0];
        var desk = new BackupDesk(release.Ports(), new SilentReporter());
        var backup = await desk.TakeAsync(database, desk.Plan(database, release.Folder), TestContext.Current.CancellationToken);
        var restore = new RestoreDesk(release.Ports(), new SilentReporter(), new RestorePlace { Plan = release.PlanPath, BaseFolder = release.Root });
        var planned = await restore.PlanAsync(backup.File, TestContext.Current.CancellationToken);
        using var looking = HeldFile.TryTake(Path.Combine(release.EnvironmentFolder, "environment.lock")).ShouldNotBeNull();

        var restoring = restore.RunAsync(planned, acceptDataLoss: false, TestContext.Current.CancellationToken);
        looking.Dispose();

        (await restoring).Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.ShopDatabase.Acts.ShouldBe(["restore"]);
    }
}
