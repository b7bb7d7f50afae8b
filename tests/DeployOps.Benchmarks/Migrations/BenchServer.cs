using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>A PostgreSQL server of the benchmark's own, on loopback, without fsync. A shell stands between, which ends it and removes its folder as soon as this process is gone.</summary>
internal sealed class BenchServer : IAsyncDisposable
{
    private const string Guard = """
        "$@" </dev/null >"$LOG" 2>&1 & server=$!
        cat >/dev/null
        kill -INT $server; wait $server; rm -rf "$FOLDER" "$LOG"
        """;

    private static readonly string Binaries = Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).Last();

    private readonly string folder = Path.Combine(Path.GetTempPath(), $"deployops-benchmark-{Guid.NewGuid():N}");
    private readonly int port = FreePort();
    private Process? guard;
    private int databases;

    /// <summary>The client that is the rival.</summary>
    internal static string Psql { get; } = Path.Combine(Binaries, "psql");

    /// <summary>Makes it and waits until it answers.</summary>
    internal static async Task<BenchServer> StartAsync()
    {
        var server = new BenchServer();
        var data = Path.Combine(server.folder, "data");
        await RunAsync("mkdir", "-m", "0700", server.folder);
        await RunAsync(Path.Combine(Binaries, "initdb"), "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync");
        string[] command =
        [
            Path.Combine(Binaries, "postgres"), "-D", data, "-p", server.port.ToString(CultureInfo.InvariantCulture), "-h", "127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=off", "-c", "shared_buffers=256MB", "-c", "max_wal_size=8GB", "-c", "autovacuum=off",
        ];
        var start = new ProcessStartInfo("sh", ["-c", Guard, "sh", .. AsPostgres(command)]) { RedirectStandardInput = true, UseShellExecute = false };
        start.Environment["FOLDER"] = server.folder;
        start.Environment["LOG"] = server.folder + ".log";
        server.guard = Process.Start(start);
        await server.ReadyAsync();
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
    public async ValueTask DisposeAsync()
    {
        if (guard is not null)
        {
            guard.StandardInput.Close();
            await guard.WaitForExitAsync();
            guard.Dispose();
        }
    }

    private async Task ReadyAsync()
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                await ExecuteAsync("postgres", "SELECT 1");
                return;
            }
            catch (NpgsqlException) when (watch.Elapsed < TimeSpan.FromSeconds(30))
            {
                // Not yet.
            }
        }
    }

    private static async Task RunAsync(params string[] command)
    {
        var all = AsPostgres(command);
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = Path.GetTempPath() })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}.");
        }
    }

    // PostgreSQL refuses to run as root.
    private static string[] AsPostgres(string[] command) => Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", .. command] : command;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
