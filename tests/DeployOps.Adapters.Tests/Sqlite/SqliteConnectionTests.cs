using DeployOps.Adapters.Sqlite;
using DeployOps.Migrations;

namespace DeployOps.Adapters.Tests.Sqlite;

public sealed class SqliteConnectionTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deployops-sqlite-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("Data Source=shop.db;Default Timeout=soon")]
    [InlineData("Data Source=shop.db;Default Timeout=99999999999")]
    [InlineData("Data Source=shop.db;Pooling=perhaps")]
    [InlineData("Data Source=shop.db;Mode=Sideways")]
    [InlineData("Data Source=shop.db;Nobody=7")]
    [InlineData("Data Source=sh\0op.db")]
    [InlineData("shop.db")]
    public void What_is_no_connection_string_is_refused_and_not_repeated(string text)
    {
        var error = Should.Throw<DeployOpsException>(() => Open(text));

        error.ErrorId.ShouldBe("DatabaseConnectionStringInvalid");
        error.Message.ShouldNotContain("shop.db");
    }

    [Theory]
    [InlineData("Data Source=nowhere/shop.db", "its folder does not exist")]
    [InlineData("Data Source=shop.db", "the file does not exist")]
    [InlineData("Data Source=.", "it is a folder")]
    [InlineData("Data Source=loop.db", "its link leads to itself or to what cannot be read")]
    public async Task What_stands_in_the_place_of_a_database_is_named(string text, string why)
    {
        File.CreateSymbolicLink(Path.Combine(folder.FullName, "loop.db"), Path.Combine(folder.FullName, "loop.db"));

        var error = await Should.ThrowAsync<DeployOpsException>(async () =>
        {
            await using var database = Open(text);
            await database.Migrations.ReadHistoryAsync(TestContext.Current.CancellationToken);
        });

        error.ErrorId.ShouldBe("DatabaseUnreachable");
        error.Message.ShouldContain($"cannot be opened: {why}. Check its path");
    }

    [Theory]
    [InlineData("my shop.db")]
    [InlineData("it's [x]*.db")]
    [InlineData("größe 日本.db")]
    [InlineData("-v.db")]
    [InlineData("a%20b?c#d.db")]
    public async Task A_database_of_any_name_is_opened_backed_up_and_read_back(string name)
    {
        File.WriteAllText(Path.Combine(folder.FullName, name), "");
        var backup = Path.Combine(folder.FullName, $"backup of {name}");
        await using var database = Open($"Data Source=\"{name}\"");

        var taken = await database.Backups.BackupAsync(backup, TestContext.Current.CancellationToken);
        var read = await database.Backups.ReadBackAsync(backup, TestContext.Current.CancellationToken);

        read.Tables.Count.ShouldBe(taken.Tables.Count);
        Directory.GetFiles(folder.FullName).Select(Path.GetFileName).ShouldBe([name, $"backup of {name}"], ignoreOrder: true);
    }

    private SqliteDatabase Open(string text) =>
        new(new DatabaseSpec { Name = "shop", Kind = "Sqlite", ConnectionString = text, BaseFolder = folder.FullName }, TimeProvider.System);
}
