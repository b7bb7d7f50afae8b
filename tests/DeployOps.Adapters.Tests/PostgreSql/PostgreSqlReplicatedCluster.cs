using System.Diagnostics;
using System.Globalization;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Tests.Shared;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>A server of its own with a streaming replica: on the server that other tests share, theirs would wait for the replica. Made at first use.</summary>
public sealed class PostgreSqlReplicatedCluster : IAsyncDisposable
{
    // A replica that is made while others write begins where its copy began.
    private readonly PostgreSqlCluster primary = new() { Options = ["-c", "wal_keep_size=256MB"] };
    private readonly string folder = ServerProcess.NewFolder("replica");
    private readonly int port = PostgreSqlCluster.FreePort();
    private Process? guard;

    /// <summary>An empty database of the primary; the replica follows it when this returns.</summary>
    internal async Task<PostgreSqlShop> CreateAsync(string sql)
    {
        var shop = await primary.CreateAsync(sql);
        if (guard is null)
        {
            await StartAsync();
        }

        await shop.UntilAsync("SELECT EXISTS (SELECT FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn = pg_current_wal_lsn())");
        return shop;
    }

    /// <summary>How the replica is reached in a database.</summary>
    internal string ReplicaOf(PostgreSqlShop shop) => $"Host=127.0.0.1;Port={port};Database={shop.Name};Username=postgres;Password={primary.Password};Timeout=5";

    internal Task PauseAsync() => ExecuteAsync("SELECT pg_wal_replay_pause()");

    internal Task ResumeAsync() => ExecuteAsync("SELECT pg_wal_replay_resume()");

    /// <summary>Ends the replica; the next database has a new one.</summary>
    internal async Task KillAsync()
    {
        if (guard is not null)
        {
            await ServerProcess.EndAsync(guard);
            guard = null;
            File.Delete(folder + ".log");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await primary.DisposeAsync();
    }

    private async Task StartAsync()
    {
        await PostgreSqlCluster.RunAsync("mkdir", "-m", "0700", folder);
        await PostgreSqlCluster.RunAsync(
            "env", $"PGPASSWORD={primary.Password}", Path.Combine(PostgreSqlCluster.Binaries!, "pg_basebackup"), "-R", "-X", "stream", "-c", "fast", "--no-sync", "-D", Path.Combine(folder, "data"), "-h", "127.0.0.1",
            "-p", primary.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres");
        guard = PostgreSqlCluster.Start(folder, port);
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"Host=127.0.0.1;Port={port};Database=postgres;Username=postgres;Password={primary.Password};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
