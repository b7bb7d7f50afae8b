using System.Diagnostics;
using MySqlConnector;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>
/// An application that asks for one thing twenty times a second and remembers the longest it had to wait, on a thread of its own: what keeps the threads of other tests busy is no stall of its.
/// </summary>
internal sealed class MariaDbPinger : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource stop = new();
    private readonly MySqlConnection connection;
    private readonly Task pinging;

    private MariaDbPinger(MySqlConnection connection, string sql)
    {
        this.connection = connection;
        pinging = Task.Factory.StartNew(() => Ping(sql), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
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

    private void Ping(string sql)
    {
        using var command = new MySqlCommand(sql, connection);
        do
        {
            var watch = Stopwatch.StartNew();
            command.ExecuteNonQuery();
            Longest = watch.Elapsed > Longest ? watch.Elapsed : Longest;
            Answers++;
        }
        while (!stop.Token.WaitHandle.WaitOne(Between));
    }
}
