using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A database of its own for one test, and a folder beside it.</summary>
internal sealed class MariaDbShop : IAsyncDisposable
{
    private readonly List<MariaDbDatabase> open = [];
    private readonly MariaDbCluster cluster;

    internal MariaDbShop(MariaDbCluster cluster, string name)
    {
        this.cluster = cluster;
        Name = name;
        Directory.CreateDirectory(Folder);
    }

    internal string Name { get; }

    internal string Folder { get; } = Path.Combine(Path.GetTempPath(), $"deployops-shop-{Guid.NewGuid():N}");

    internal string ConnectionString => cluster.ConnectionString(Name);

    /// <summary>Tries that do not make a test wait; a lock is waited for a second at least.</summary>
    internal static ScriptPace Quick { get; } = new()
    {
        LockTimeout = TimeSpan.FromSeconds(1),
        Tries = 3,
        FirstPause = TimeSpan.FromMilliseconds(50),
        LongestPause = TimeSpan.FromMilliseconds(200),
        RunnerWait = TimeSpan.FromMilliseconds(500),
        CancelWait = TimeSpan.FromSeconds(2),
    };

    internal MariaDbDatabase Open(TimeSpan? scriptTimeout = null, ScriptPace? pace = null, string? connectionString = null, MigrationLimits? limits = null, string? scratch = null)
    {
        var spec = new DatabaseSpec { Name = "shop", Kind = "MariaDb", ConnectionString = connectionString ?? ConnectionString, BaseFolder = Folder, Limits = limits ?? new(), Scratch = scratch };
        var database = new MariaDbDatabase(scriptTimeout is { } limit ? spec with { ScriptTimeout = limit } : spec, TimeProvider.System, pace ?? Quick);
        open.Add(database);
        return database;
    }

    internal string PathOf(string name) => Path.Combine(Folder, name);

    internal async Task ExecuteAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        foreach (var statement in SqlStatements.Read(sql, SqlDialect.MariaDb))
        {
            await new MySqlCommand(statement.Text, connection).ExecuteNonQueryAsync();
        }
    }

    /// <summary>The first value of a query, as text.</summary>
    internal async Task<string?> ScalarAsync(string sql)
    {
        await using var connection = await ConnectAsync();
        await using var command = new MySqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    internal async Task<bool> HasAsync(string table) => await ScalarAsync($"SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}'") == "1";

    internal async Task<bool> HasColumnAsync(string table, string column) =>
        await ScalarAsync($"SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}' AND COLUMN_NAME = '{column}'") == "1";

    internal async Task<MySqlConnection> ConnectAsync(string extra = "")
    {
        var connection = new MySqlConnection($"{ConnectionString};Pooling=false;AllowUserVariables=true;Default Command Timeout=0{extra}");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>A connection with a transaction that has read, or written, and stays open.</summary>
    internal async Task<MySqlConnection> HoldAsync(string sql)
    {
        var connection = await ConnectAsync();
        await new MySqlCommand("START TRANSACTION", connection).ExecuteNonQueryAsync();
        await new MySqlCommand(sql, connection).ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>Waits until a query answers 1 or more.</summary>
    internal async Task UntilAsync(string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await ScalarAsync(sql) is null or "" or "0")
        {
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>Waits until a statement runs in this database, and answers its connection.</summary>
    internal async Task<string> UntilRunsAsync(string like)
    {
        // The look before this one may still be there, and names what it looks for.
        var sql = $"SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID() AND COMMAND = 'Query' AND INFO LIKE '{like}' AND INFO NOT LIKE '%PROCESSLIST%'";
        await UntilAsync($"SELECT IFNULL(({sql}), 0)");
        return (await ScalarAsync(sql))!;
    }

    internal static MigrationScript Script(string name, string sql) => Scripts.Forward(name, sql);

    internal static MigrationScript Undo(string name, string sql) => Scripts.Undo(name, sql);

    public async ValueTask DisposeAsync()
    {
        foreach (var database in open)
        {
            await database.DisposeAsync();
        }

        await cluster.ExecuteAsync($"DROP DATABASE IF EXISTS {Name}");
        Directory.Delete(Folder, recursive: true);
    }
}
