using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Windows.Locks;

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
        var (restore, planned) = await BackedUpAsync(release);
        using var looking = HeldFile.TryTake(Path.Combine(release.EnvironmentFolder, "environment.lock")).ShouldNotBeNull();

        var restoring = restore.RunAsync(planned, acceptDataLoss: false, TestContext.Current.CancellationToken);
        looking.Dispose();

        (await restoring).Outcome.ShouldBe(PhaseOutcome.Succeeded);
        release.ShopDatabase.Acts.ShouldBe(["restore"]);
    }

    [Fact]
    public async Task What_columns_hold_that_the_backup_does_not_have_is_warned_of_when_a_restore_is_planned()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        release.ShopDatabase.Added = [new("note", 3, IsUniform: false)];
        var reporter = new ScriptedReporter();

        var (_, planned) = await BackedUpAsync(release, reporter);

        planned.Losses.ShouldBeEmpty();
        reporter.Warnings.ShouldBe(["shop: restoring also loses what was written to columns that the backup does not have, with what the migration itself put there: shop.orders.note has 3 values."]);
    }

    [Fact]
    public async Task A_log_that_cannot_be_trusted_refuses_a_restore_and_keeps_nobody_from_the_environment()
    {
        using var release = await Release.OpenAsync(databases: Release.Database);
        var (restore, planned) = await BackedUpAsync(release);
        var damaged = Path.Combine(Path.GetDirectoryName(release.Folder)!, "shop-2.2.0-1");
        Directory.CreateDirectory(damaged);
        await File.WriteAllTextAsync(Path.Combine(damaged, JournalFile.FileName), "x\n", TestContext.Current.CancellationToken);

        await Errors.OfAsync(() => restore.RunAsync(planned, acceptDataLoss: false, TestContext.Current.CancellationToken), "JournalCorrupt");

        EnvironmentLock.Holder(release.EnvironmentFolder).ShouldBeNull();
    }

    [Fact]
    public async Task A_password_that_no_plan_has_is_kept_out_of_what_is_said()
    {
        using var release = await Release.OpenAsync();
        var ports = release.Ports();
        var database = new DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = "Host=db;Password=first-of-all", Scratch = "Host=db;Pwd='second of all'", BaseFolder = release.Folder };

        await using var opened = ports.OpenDatabase(database);

        ports.Redactor.Redact("first-of-all, second of all").ShouldBe("***, ***");
        await using var malformed = ports.OpenDatabase(database with { ConnectionString = "no connection string" });
    }

    // A release that went back, and the restore of a backup that was taken of its database.
    private static async Task<(RestoreDesk Restore, RestoredBackup Planned)> BackedUpAsync(Release release, IStepReporter? reporter = null)
    {
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);
        var database = release.Ports().Plans.Read(release.PlanPath).Require().Databases[0];
        var desk = new BackupDesk(release.Ports(), new SilentReporter());
        var backup = await desk.TakeAsync(database, desk.Plan(database, release.Folder), TestContext.Current.CancellationToken);
        var restore = new RestoreDesk(release.Ports(), reporter ?? new SilentReporter(), new RestorePlace { Plan = release.PlanPath, BaseFolder = release.Root });
        return (restore, await restore.PlanAsync(backup.File, TestContext.Current.CancellationToken));
    }
}
