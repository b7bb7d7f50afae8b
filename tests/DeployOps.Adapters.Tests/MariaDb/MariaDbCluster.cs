using System.Diagnostics;
using System.Globalization;
using DeployOps.Adapters.Tests.MariaDb;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Tests.Shared;
using MySqlConnector;

[assembly: AssemblyFixture(typeof(MariaDbCluster))]

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A MariaDB server of the tests' own, on loopback, made at first use.</summary>
public sealed class MariaDbCluster : IAsyncDisposable
{
    internal static readonly bool IsInstalled = File.Exists("/usr/sbin/mariadbd") && File.Exists("/usr/bin/mariadb-install-db");

    private readonly string folder = ServerProcess.NewFolder("mariadb");
    private readonly ServerOnce once;
    private int databases;

    public MariaDbCluster() => once = new ServerOnce(StartAsync);

    internal int Port { get; private set; }

    /// <summary>What the server is started with beside what every one is.</summary>
    internal string[] Options { get; init; } = ["--event-scheduler=ON", "--skip-log-bin"];

    internal string Password { get; } = $"pw-{Guid.NewGuid():N}";

    /// <summary>An empty database; skips the test where MariaDB is not installed.</summary>
    internal async Task<MariaDbShop> CreateAsync(string? sql = null)
    {
        Assert.SkipUnless(IsInstalled, "MariaDB is not installed: no /usr/sbin/mariadbd.");
        await once.StartAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"shop_{Interlocked.Increment(ref databases)}");
        await ExecuteAsync($"CREATE DATABASE {name} CHARACTER SET utf8mb4");
        var shop = new MariaDbShop(this, name);
        try
        {
            await shop.ExecuteAsync(sql ?? "");
            return shop;
        }
        catch
        {
            await shop.DisposeAsync();
            throw;
        }
    }

    internal string ConnectionString(string database) => $"Server=127.0.0.1;Port={Port};Database={database};User ID=deployer;Password={Password};Connection Timeout=5";

    /// <summary>Runs a statement beside the databases of tests.</summary>
    internal async Task ExecuteAsync(string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString("") + ";Pooling=false;AllowUserVariables=true");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Waits until a query answers another number than 0.</summary>
    internal async Task UntilAsync(string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString("") + ";Pooling=false");
        await connection.OpenAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var command = new MySqlCommand(sql, connection);
        while (Convert.ToInt64(await command.ExecuteScalarAsync(limit.Token), CultureInfo.InvariantCulture) == 0)
        {
            await Task.Delay(20, limit.Token);
        }
    }

    public ValueTask DisposeAsync() => once.DisposeAsync();

    private async Task<Process> StartAsync()
    {
        Port = ServerProcess.FreePort();
        await InitialiseAsync(folder);
        var guard = Start(folder, Port, Password, Options);
        await ReadyAsync(ConnectionString(""), folder);
        return guard;
    }

    /// <summary>Makes the folder of a server.</summary>
    internal static async Task InitialiseAsync(string folder)
    {
        await RunAsync("mkdir", "-m", "0700", folder);
        await RunAsync("mariadb-install-db", "--no-defaults", $"--datadir={Path.Combine(folder, "data")}", $"--tmpdir={folder}", "--auth-root-authentication-method=normal", "--skip-test-db");
    }

    /// <summary>Starts the server whose data lie in a folder; it ends with the standard input of what is returned.</summary>
    internal static Process Start(string folder, int port, string password, params string[] options)
    {
        var setup = folder + ".sql";
        File.WriteAllText(setup, $"GRANT ALL ON *.* TO 'deployer'@'%' IDENTIFIED BY '{password}' WITH GRANT OPTION;\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(setup, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        // A server that begins drops what the others have in a temporary folder that it shares with them.
        string[] server =
        [
            "/usr/sbin/mariadbd", "--no-defaults", $"--datadir={Path.Combine(folder, "data")}", $"--tmpdir={folder}", string.Create(CultureInfo.InvariantCulture, $"--port={port}"), "--bind-address=127.0.0.1", "--socket=",
            $"--pid-file={Path.Combine(folder, "pid")}", $"--init-file={setup}", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=32M", "--max-connections=100", "--plugin-load-add=metadata_lock_info", .. options,
        ];
        return ServerProcess.Start("mysql", "KILL", folder, server);
    }

    /// <summary>Waits until a server takes connections.</summary>
    internal static async Task ReadyAsync(string connectionString, string folder)
    {
        await ServerProcess.ReadyAsync<MySqlException>(folder, async () =>
        {
            await using var connection = new MySqlConnection(connectionString + ";Pooling=false");
            await connection.OpenAsync();
        });
        File.Delete(folder + ".log");
        File.Delete(folder + ".sql");
    }

    internal static Task RunAsync(params string[] command) => ServerProcess.RunAsync("mysql", command);
}
