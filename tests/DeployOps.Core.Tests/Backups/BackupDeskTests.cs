using DeployOps.Backups;
using DeployOps.Core.Tests.Support;
using DeployOps.Migrations;

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
}
