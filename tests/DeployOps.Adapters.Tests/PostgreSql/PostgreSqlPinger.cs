using System.Diagnostics;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>An application that asks for one row twenty times a second and remembers the longest it had to wait.</summary>
internal sealed class PostgreSqlPinger : IAsyncDisposable
{
    internal const string Name = "shop-web";
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);
    private readonly CancellationTokenSource stop = new();
    private readonly NpgsqlConnection connection;
    private readonly Task pinging;

    private PostgreSqlPinger(NpgsqlConnection connection, string sql)
    {
        this.connection = connection;
        pinging = Task.Run(() => PingAsync(sql));
    }

    internal TimeSpan Longest { get; private set; }

    internal int Answers { get; private set; }

    internal static async Task<PostgreSqlPinger> StartAsync(PostgreSqlShop shop, string sql)
    {
        var application = await shop.ConnectAsync();
        await new NpgsqlCommand($"SET application_name = '{Name}'", application).ExecuteNonQueryAsync();
        return new PostgreSqlPinger(application, sql);
    }

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
            await using (var command = new NpgsqlCommand(sql, connection))
            {
                await command.ExecuteScalarAsync();
            }

            Longest = watch.Elapsed > Longest ? watch.Elapsed : Longest;
            Answers++;
            await Task.Delay(Between, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
