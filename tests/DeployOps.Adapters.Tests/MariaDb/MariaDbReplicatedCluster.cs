using System.Diagnostics;
using System.Globalization;
using DeployOps.Adapters.Tests.Support;
using DeployOps.Tests.Shared;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A primary with a binary log and a replica that reads it, both on loopback; they end with the process of the tests.</summary>
public sealed class MariaDbReplicatedCluster : IAsyncDisposable, IAsyncLifetime
{
    private readonly string password = $"pw-{Guid.NewGuid():N}";
    private readonly List<Process> guards = [];
    private int primary;
    private int replica;

    public async ValueTask InitializeAsync()
    {
        if (!MariaDbCluster.IsInstalled)
        {
            return;
        }

        (primary, replica) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        await StartAsync(primary, "--server-id=1", "--log-bin=binlog");
        await StartAsync(replica, "--server-id=2", "--report-host=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--report-port={replica}"));
        await ExecuteAsync(replica, $"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {primary}, MASTER_USER = 'deployer', MASTER_PASSWORD = '{password}', MASTER_USE_GTID = slave_pos; START SLAVE");
        for (var watch = Stopwatch.StartNew(); await ScalarAsync(primary, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'") != "1"; await Task.Delay(50))
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), "the replica did not connect");
        }
    }

    internal string ConnectionString(string database) => ConnectionString(primary, database);

    internal string ReplicaOf(string database) => ConnectionString(replica, database);

    /// <summary>Waits until the replica has replayed everything: one that is paused before stands further behind than a test means.</summary>
    internal async Task CatchUpAsync()
    {
        var written = await ScalarAsync(primary, "SELECT @@gtid_binlog_pos");
        (await ScalarAsync(replica, $"SELECT MASTER_GTID_WAIT('{written}', 30)")).ShouldBe("0", "the replica did not catch up");
    }

    /// <summary>Lets the replica receive and replay nothing.</summary>
    internal Task PauseAsync() => ExecuteAsync(replica, "STOP SLAVE SQL_THREAD");

    internal Task ResumeAsync() => ExecuteAsync(replica, "START SLAVE SQL_THREAD");

    /// <summary>Lets the replica fall behind while it replays, since somebody reads there under a lock; until it is disposed.</summary>
    internal async Task<IAsyncDisposable> SlowAsync()
    {
        var reader = new MySqlConnection(ConnectionString(replica, "") + ";Pooling=false");
        await reader.OpenAsync();
        await new MySqlCommand("FLUSH TABLES WITH READ LOCK", reader).ExecuteNonQueryAsync();
        return reader;
    }

    /// <summary>Lets the replica go, and the primary notice it, which it otherwise does within a minute.</summary>
    internal async Task LeaveAsync()
    {
        await ExecuteAsync(replica, "STOP SLAVE");
        await ReadersAsync(0);
    }

    /// <summary>Lets the replica begin anew with a filter, such as <c>replicate_do_db</c>, and no other.</summary>
    internal async Task FilterAsync(string name, string value)
    {
        await LeaveAsync();
        await ExecuteAsync(replica, "SET GLOBAL replicate_do_db = '', GLOBAL replicate_wild_do_table = ''");
        await ExecuteAsync(replica, $"SET GLOBAL {name} = '{value}'");
        await ReturnAsync();
        await ReadersAsync(1);
    }

    internal Task ReturnAsync() => ExecuteAsync(replica, "START SLAVE");

    internal Task ExecuteAsync(string sql) => ExecuteAsync(primary, sql);

    internal Task<string?> ScalarAsync(string sql) => ScalarAsync(primary, sql);

    internal Task ExecuteThereAsync(string sql) => ExecuteAsync(replica, sql);

    internal Task<string?> ScalarThereAsync(string sql) => ScalarAsync(replica, sql);

    /// <summary>Somebody who reads the binary log as it is written and is no replica, until it is disposed.</summary>
    internal async Task<IAsyncDisposable> ReadLogAsync()
    {
        var start = new ProcessStartInfo("mariadb-binlog") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])["--no-defaults", "--read-from-remote-server", "--host=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--port={primary}"), "--user=deployer", "--stop-never", "--stop-never-slave-server-id=77", "binlog.000001"])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["MYSQL_PWD"] = password;
        var reader = Process.Start(start)!;
        _ = reader.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = reader.StandardError.BaseStream.CopyToAsync(Stream.Null);
        await ReadersAsync(2);
        return new Leaving(async () =>
        {
            reader.Kill();
            await reader.WaitForExitAsync();
            reader.Dispose();
            await ReadersAsync(1);
        });
    }

    /// <summary>A second replica, which replicates another server too, by a connection that is told before ours; until it is disposed.</summary>
    internal async Task<IAsyncDisposable> ReplicateSeveralAsync()
    {
        var (other, both) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        await StartAsync(other, "--server-id=3", "--log-bin=elsewhere", "--gtid-domain-id=3");
        await StartAsync(both, "--server-id=4", "--report-host=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--report-port={both}"));
        await ExecuteAsync(both, $"CHANGE MASTER 'a' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {other}, MASTER_USER = 'deployer', MASTER_PASSWORD = '{password}', MASTER_USE_GTID = slave_pos");
        await ExecuteAsync(both, $"CHANGE MASTER 'z' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {primary}, MASTER_USER = 'deployer', MASTER_PASSWORD = '{password}', MASTER_USE_GTID = slave_pos");
        await ExecuteAsync(both, "START ALL SLAVES");
        await ReadersAsync(2);
        // One that is only connected cannot tell yet how far it is.
        (await ScalarAsync(both, $"SELECT MASTER_GTID_WAIT('{await ScalarAsync(primary, "SELECT @@GLOBAL.gtid_binlog_pos")}', 30)")).ShouldBe("0");
        return new Leaving(async () =>
        {
            await ExecuteAsync(both, "STOP ALL SLAVES");
            await ReadersAsync(1);
        });
    }

    private async Task ReadersAsync(int count)
    {
        for (var watch = Stopwatch.StartNew(); await ScalarAsync(primary, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'") != count.ToString(CultureInfo.InvariantCulture); await Task.Delay(50))
        {
            // Who has gone is seen to be gone when there is something to send.
            await ExecuteAsync(primary, "FLUSH BINARY LOGS");
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), $"not {count} readers of the log");
        }
    }

    private sealed class Leaving(Func<Task> leave) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await leave();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var guard in guards)
        {
            await ServerProcess.EndAsync(guard);
        }
    }

    private async Task StartAsync(int port, params string[] options)
    {
        var folder = ServerProcess.NewFolder("mariadb");
        await MariaDbCluster.InitialiseAsync(folder);
        guards.Add(MariaDbCluster.Start(folder, port, password, options));
        await MariaDbCluster.ReadyAsync(ConnectionString(port, ""), folder);
    }

    private string ConnectionString(int port, string database) => $"Server=127.0.0.1;Port={port};Database={database};User ID=deployer;Password={password};Connection Timeout=5";

    private async Task ExecuteAsync(int port, string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString(port, "") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string?> ScalarAsync(int port, string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString(port, "") + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        return Convert.ToString(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
