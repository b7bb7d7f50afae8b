using System.Diagnostics;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>An application that asks for one thing twenty times a second and remembers the longest it had to wait.</summary>
internal sealed class MariaDbPinger : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource stop = new();
    private readonly MySqlConnection connection;
    private readonly Task pinging;

    private MariaDbPinger(MySqlConnection connection, string sql)
    {
        this.connection = connection;
        pinging = Task.Run(() => PingAsync(sql));
    }

    internal TimeSpan Longest { get; private set; }

    internal int Answers { get; private set; }

    internal static async Task<MariaDbPinger> StartAsync(MariaDbShop shop, string sql) => new(await shop.ConnectAsync(), sql);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await pinging;
        await connection.DisposeAsync();
        stop.Dispose();
    }

    private async Task PingAsync(string sql)
    {
        while (!stop.IsCancellationRequested)
        {
            var watch = Stopwatch.StartNew();
            await using (var command = new MySqlCommand(sql, connection))
            {
                await command.ExecuteNonQueryAsync(CancellationToken.None);
            }

            Longest = watch.Elapsed > Longest ? watch.Elapsed : Longest;
            Answers++;
            await Task.Delay(Between, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
