using System.Diagnostics;
using System.Globalization;
using DeployOps.Tests.Shared;
using Npgsql;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>A PostgreSQL server of the benchmark's own, on loopback, without fsync.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private static readonly string Binaries = Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).Last();

    private readonly string folder = Path.Combine(Path.GetTempPath(), $"deployops-benchmark-{Guid.NewGuid():N}");
    private readonly int port = ServerProcess.FreePort();
    private Process? guard;
    private int databases;

    /// <summary>The client that is the rival.</summary>
    internal static string Psql { get; } = Path.Combine(Binaries, "psql");

    /// <summary>Makes it and waits until it answers.</summary>
    internal static async Task<BenchServer> StartAsync()
    {
        var server = new BenchServer();
        var data = Path.Combine(server.folder, "data");
        await ServerProcess.RunAsync("postgres", "mkdir", "-m", "0700", server.folder);
        await ServerProcess.RunAsync("postgres", Path.Combine(Binaries, "initdb"), "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync");
        string[] command =
        [
            Path.Combine(Binaries, "postgres"), "-D", data, "-p", server.port.ToString(CultureInfo.InvariantCulture), "-h", "127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=off", "-c", "shared_buffers=256MB", "-c", "max_wal_size=8GB", "-c", "autovacuum=off",
        ];
        server.guard = ServerProcess.Start("postgres", "INT", server.folder, command);
        await ServerProcess.ReadyAsync<NpgsqlException>(server.folder, () => server.ExecuteAsync("postgres", "SELECT 1"));
        return server;
    }

    /// <summary>An empty database that is dropped when this is disposed of.</summary>
    internal async Task<BenchDatabase> CreateAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench_{++databases}");
        await ExecuteAsync("postgres", $"CREATE DATABASE {name}");
        return new BenchDatabase(this, name, port);
    }

    /// <summary>Runs a statement in a database.</summary>
    internal async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database, port) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    internal static string ConnectionString(string database, int port) => string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Database={database};Username=postgres");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await (guard is null ? Task.CompletedTask : ServerProcess.EndAsync(guard));
}
