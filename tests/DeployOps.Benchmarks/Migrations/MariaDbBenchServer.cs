using System.Diagnostics;
using System.Globalization;
using DeployOps.Tests.Shared;
using MySqlConnector;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>A MariaDB server of the benchmark's own, on loopback, without a flush to the disk and without a binary log.</summary>
internal sealed class MariaDbBenchServer : IAsyncDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), $"deployops-benchmark-{Guid.NewGuid():N}");
    private readonly string setup;
    private Process? guard;
    private int databases;

    private MariaDbBenchServer() => setup = folder + ".sql";

    /// <summary>Where it listens.</summary>
    internal int Port { get; } = ServerProcess.FreePort();

    /// <summary>Makes it and waits until it answers.</summary>
    internal static async Task<MariaDbBenchServer> StartAsync()
    {
        var server = new MariaDbBenchServer();
        var data = Path.Combine(server.folder, "data");
        await ServerProcess.RunAsync("mysql", "mkdir", "-m", "0700", server.folder);
        await ServerProcess.RunAsync("mysql", "mariadb-install-db", "--no-defaults", $"--datadir={data}", $"--tmpdir={server.folder}", "--auth-root-authentication-method=normal", "--skip-test-db");
        await File.WriteAllTextAsync(server.setup, "GRANT ALL ON *.* TO 'bench'@'127.0.0.1' IDENTIFIED BY '';\n");
        server.guard = ServerProcess.Start(
            "mysql", "KILL", server.folder,
            "/usr/sbin/mariadbd", "--no-defaults", $"--datadir={data}", $"--tmpdir={server.folder}", string.Create(CultureInfo.InvariantCulture, $"--port={server.Port}"), "--bind-address=127.0.0.1", "--socket=",
            $"--pid-file={Path.Combine(server.folder, "pid")}", $"--init-file={server.setup}", "--skip-name-resolve", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync",
            "--innodb-doublewrite=0", "--innodb-buffer-pool-size=256M", "--innodb-log-file-size=1G", "--max-allowed-packet=64M");
        await ServerProcess.ReadyAsync<MySqlException>(server.folder, () => server.ExecuteAsync("", "SELECT 1"));
        return server;
    }

    /// <summary>Makes an empty database, does something with it, and drops it.</summary>
    internal async Task<T> WithAsync<T>(Func<string, Task<T>> use)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench_{++databases}");
        await ExecuteAsync("", $"CREATE DATABASE {name} CHARACTER SET utf8mb4");
        try
        {
            return await use(name);
        }
        finally
        {
            await ExecuteAsync("", $"DROP DATABASE {name}");
        }
    }

    /// <summary>Runs a statement in a database.</summary>
    internal async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>What connects to a database of it.</summary>
    internal string ConnectionString(string database) => string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={Port};Database={database};User ID=bench");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await (guard is null ? Task.CompletedTask : ServerProcess.EndAsync(guard));
        File.Delete(setup);
    }
}
