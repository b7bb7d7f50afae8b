using DeployOps.Adapters.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>A database of its own for one test, and a folder beside it.</summary>
internal sealed class PostgreSqlShop : IAsyncDisposable
{
    private readonly List<PostgreSqlDatabase> open = [];
    private readonly PostgreSqlCluster cluster;

    internal PostgreSqlShop(PostgreSqlCluster cluster, string name)
    {
        this.cluster = cluster;
        Name = name;
        Directory.CreateDirectory(Folder);
    }

    internal string Name { get; }

    internal string Folder { get; } = Path.Combine(Path.GetTempPath(), $"deployops-shop-{Guid.NewGuid():N}");

    internal string ConnectionString => cluster.ConnectionString(Name);

    /// <summary>Tries that do not make a test wait.</summary>
    internal static ScriptPace Quick { get; } = new()
    {
        LockTimeout = TimeSpan.FromMilliseconds(200),
        FirstPause = TimeSpan.FromMilliseconds(50),
        LongestPause = TimeSpan.FromMilliseconds(200),
        RunnerWait = TimeSpan.FromMilliseconds(500),
        CancelWait = TimeSpan.FromSeconds(2),
    };

    internal PostgreSqlDatabase Open(TimeSpan? scriptTimeout = null, ScriptPace? pace = null, string? connectionString = null, MigrationLimits? limits = null, string? scratch = null, string? replica = null)
    {
        var spec = new DatabaseSpec { Name = "shop", Kind = "PostgreSql", ConnectionString = connectionString ?? ConnectionString, BaseFolder = Folder, Limits = limits ?? new(), Scratch = scratch, Replica = replica };
        var database = new PostgreSqlDatabase(scriptTimeout is { } limit ? spec with { ScriptTimeout = limit } : spec, TimeProvider.System, pace ?? Quick);
        open.Add(database);
        return database;
    }

    internal string PathOf(string name) => Path.Combine(Folder, name);

    internal async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        foreach (var statement in SqlStatements.Read(sql, SqlDialect.PostgreSql))
        {
            // A batch sends it as it is; the driver would cut functions of BEGIN ATOMIC in pieces.
            await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand(statement.Text) } };
            await batch.ExecuteNonQueryAsync();
        }
    }

    internal async Task<object?> ScalarAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    internal async Task<bool> HasAsync(string relation) => await ScalarAsync($"SELECT to_regclass('{relation}') IS NOT NULL") is true;

    internal async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false;Application Name=test");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Waits until a query answers true.</summary>
    internal async Task UntilAsync(string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await ScalarAsync(sql) is not true)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    internal static MigrationScript Script(string name, string sql) => Scripts.Forward(name, sql);

    internal static MigrationScript Undo(string name, string sql) => Scripts.Undo(name, sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var database in open)
        {
            await database.DisposeAsync();
        }

        await cluster.ExecuteAsync($"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        Directory.Delete(Folder, recursive: true);
    }
}
