using System.Text;
using DeployOps.Adapters.Sqlite;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using Microsoft.Data.Sqlite;

namespace DeployOps.Adapters.Tests.Sqlite;

/// <summary>A temporary folder with a database in it.</summary>
internal sealed class SqliteFolder : IAsyncDisposable
{
    private readonly List<SqliteDatabase> open = [];

    internal SqliteFolder() => Directory.CreateDirectory(Folder);

    internal string Folder { get; } = Path.Combine(Path.GetTempPath(), $"deployops-sqlite-{Guid.NewGuid():N}");

    internal string File => Path.Combine(Folder, "shop.db");

    internal static SqliteFolder With(string sql)
    {
        var folder = new SqliteFolder();
        folder.Execute(sql);
        return folder;
    }

    internal SqliteDatabase Open(string connectionString = "Data Source=shop.db", TimeSpan? scriptTimeout = null)
    {
        var spec = new DatabaseSpec { Name = "shop", Kind = "Sqlite", ConnectionString = connectionString, BaseFolder = Folder };
        var database = new SqliteDatabase(scriptTimeout is { } limit ? spec with { ScriptTimeout = limit } : spec, TimeProvider.System);
        open.Add(database);
        return database;
    }

    internal string PathOf(string name) => Path.Combine(Folder, name);

    internal void Execute(string sql, string? file = null)
    {
        using var connection = Connect(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    internal object? Scalar(string sql, string? file = null)
    {
        using var connection = Connect(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    internal SqliteConnection Connect(string? file = null)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file ?? File, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    internal bool HasTable(string name, string? file = null) =>
        Scalar($"SELECT count(*) FROM sqlite_schema WHERE name = '{name}'", file) is 1L;

    internal static MigrationScript Script(string name, string sql) =>
        MigrationFolder.Parse([new SqlFile($"V{name}.sql", Encoding.UTF8.GetBytes(sql))]).Single();

    internal static MigrationScript Undo(string name, string sql) =>
        MigrationFolder.Parse([new SqlFile($"V{name}.sql", default), new SqlFile($"U{name}.sql", Encoding.UTF8.GetBytes(sql))]).Single(script => script.IsUndo);

    public async ValueTask DisposeAsync()
    {
        foreach (var database in open)
        {
            await database.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
