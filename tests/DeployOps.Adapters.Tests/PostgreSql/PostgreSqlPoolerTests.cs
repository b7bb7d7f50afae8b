using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>Against a real pgbouncer before the server.</summary>
public sealed class PostgreSqlPoolerTests(PostgreSqlCluster cluster)
{
    [Theory]
    [InlineData("transaction", 5)]
    [InlineData("transaction", 1)]
    [InlineData("statement", 5)]
    public async Task A_pooler_that_keeps_no_session_is_refused(string mode, int size)
    {
        await using var shop = await cluster.CreateAsync();
        using var pooler = await StartAsync(shop, mode, size);

        var error = await Should.ThrowAsync<DeployOpsException>(
            shop.Open(connectionString: Through(pooler.Port, shop)).Migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default));

        error.ErrorId.ShouldBe("DatabasePooled");
        (await shop.HasAsync("a")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_pooler_that_keeps_the_session_is_taken()
    {
        await using var shop = await cluster.CreateAsync();
        using var pooler = await StartAsync(shop, "session", 5);
        var migrations = shop.Open(connectionString: Through(pooler.Port, shop)).Migrations;

        await migrations.ApplyAsync(PostgreSqlShop.Script("1__a", "CREATE TABLE a (x int)"), "kim", default);

        (await migrations.ReadHistoryAsync(default)).Count.ShouldBe(1);
    }

    private string Through(int port, PostgreSqlShop shop) => shop.ConnectionString.Replace($"Port={cluster.Port}", $"Port={port}", StringComparison.Ordinal);

    private async Task<Pooler> StartAsync(PostgreSqlShop shop, string mode, int size)
    {
        Assert.SkipUnless(File.Exists("/usr/sbin/pgbouncer"), "pgbouncer is not installed.");
        var pooler = new Pooler();
        await File.WriteAllTextAsync(shop.PathOf("users.txt"), $"\"postgres\" \"{cluster.Password}\"\n");
        await File.WriteAllTextAsync(shop.PathOf("pgbouncer.ini"), string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            {shop.Name} = host=127.0.0.1 port={cluster.Port} dbname={shop.Name}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {pooler.Port}
            unix_socket_dir =
            auth_type = plain
            auth_file = {shop.PathOf("users.txt")}
            pool_mode = {mode}
            default_pool_size = {size}
            ignore_startup_parameters = extra_float_digits,client_min_messages,search_path

            """));
        pooler.Start(shop.PathOf("pgbouncer.ini"));
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                await using var connection = new NpgsqlConnection(Through(pooler.Port, shop) + ";Pooling=false");
                await connection.OpenAsync();
                return pooler;
            }
            catch (NpgsqlException) when (watch.Elapsed < TimeSpan.FromSeconds(60))
            {
                // Not yet.
            }
        }
    }

    private sealed class Pooler : IDisposable
    {
        private Process? process;

        public Pooler()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        public int Port { get; }

        public void Start(string file)
        {
            // It refuses to run as root, as the server does.
            string[] command = [.. Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : Array.Empty<string>(), "/usr/sbin/pgbouncer", "--quiet", file];
            process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
        }

        public void Dispose()
        {
            process?.Kill(entireProcessTree: true);
            process?.WaitForExit();
            process?.Dispose();
        }
    }
}
