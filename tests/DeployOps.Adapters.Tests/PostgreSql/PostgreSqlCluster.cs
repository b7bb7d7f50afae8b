using System.Diagnostics;
using System.Globalization;
using DeployOps.Adapters.Tests.PostgreSql;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Tests.Shared;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgreSqlCluster))]

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>A PostgreSQL server of the tests' own, on loopback, made at first use.</summary>
public sealed class PostgreSqlCluster : IAsyncDisposable
{
    internal static readonly string? Binaries = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private readonly string folder = ServerProcess.NewFolder("postgresql");
    private readonly ServerOnce once;
    private int databases;

    public PostgreSqlCluster() => once = new ServerOnce(StartAsync);

    internal int Port { get; private set; }

    /// <summary>Where its log is; null where it is with the data.</summary>
    internal string? LogFolder { get; init; }

    /// <summary>What its databases sort and fold letters by, as initdb is told. Default: the C library's C.UTF-8.</summary>
    internal string[] Locale { get; init; } = ["--locale=C.UTF-8"];

    /// <summary>What the server is started with beside what every one is.</summary>
    internal string[] Options { get; init; } = [];

    internal string Password { get; } = $"pw-{Guid.NewGuid():N}";

    /// <summary>An empty database; skips the test where PostgreSQL is not installed.</summary>
    internal async Task<PostgreSqlShop> CreateAsync(string? sql = null)
    {
        Assert.SkipUnless(Binaries is not null, "PostgreSQL is not installed: no /usr/lib/postgresql/*/bin/initdb.");
        await once.StartAsync();
        var name = string.Create(CultureInfo.InvariantCulture, $"shop_{Interlocked.Increment(ref databases)}");
        await ExecuteAsync($"CREATE DATABASE {name}");
        var shop = new PostgreSqlShop(this, name);
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

    internal string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port};Database={database};Username=postgres;Password={Password};Timeout=5";

    /// <summary>Runs a statement beside the databases of tests.</summary>
    internal async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public ValueTask DisposeAsync() => once.DisposeAsync();

    private async Task<Process> StartAsync()
    {
        Port = FreePort();
        await InitialiseAsync();
        var guard = Start(folder, Port, Options);
        await ServerProcess.ReadyAsync<NpgsqlException>(folder, () => ExecuteAsync("SELECT 1"));
        File.Delete(folder + ".log");
        return guard;
    }

    private async Task InitialiseAsync()
    {
        await RunAsync("mkdir", "-m", "0700", folder);
        var secret = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.secret");
        await File.WriteAllTextAsync(secret, Password);
        try
        {
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }

            await RunAsync([
                Path.Combine(Binaries!, "initdb"), "--pgdata", Path.Combine(folder, "data"), "--username=postgres", "--auth=scram-sha-256", $"--pwfile={secret}", "--encoding=UTF8", "--no-sync", .. Locale,
                .. LogFolder is null ? Array.Empty<string>() : ["--waldir", LogFolder]]);
        }
        finally
        {
            File.Delete(secret);
        }
    }

    /// <summary>Starts the server whose data lie in a folder; it ends with the standard input of what is returned.</summary>
    internal static Process Start(string folder, int port, params string[] options)
    {
        string[] server =
        [
            Path.Combine(Binaries!, "postgres"), "-D", Path.Combine(folder, "data"), "-p", port.ToString(CultureInfo.InvariantCulture), "-h", "127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=60", "-c", "shared_buffers=32MB", "-c", "log_statement=none", "-c", "wal_level=logical", "-c", "autovacuum=off", .. options,
        ];
        return ServerProcess.Start("postgres", "INT", folder, server);
    }

    /// <summary>A folder of the server's own, beside its data.</summary>
    internal async Task<string> MakeFolderAsync(string name)
    {
        var made = Path.Combine(folder, name);
        await RunAsync("mkdir", "-m", "0700", made);
        return made;
    }

    internal static Task RunAsync(params string[] command) => ServerProcess.RunAsync("postgres", command);

    internal static int FreePort() => ServerProcess.FreePort();
}
