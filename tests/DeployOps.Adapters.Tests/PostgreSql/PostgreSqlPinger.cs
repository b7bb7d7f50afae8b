using System.Diagnostics;
using Npgsql;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>
/// An application that asks for one row twenty times a second and remembers the longest it had to wait, on a thread of its own: what keeps the threads of other tests busy is no stall of its.
/// </summary>
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
        pinging = Task.Factory.StartNew(() => Ping(sql), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The longest from the question to the answer.</summary>
    internal TimeSpan Longest { get; private set; }

    /// <summary>The longest by the server's own clock, from the question's arrival to its answer: without the ways between.</summary>
    internal TimeSpan LongestOfServer { get; private set; }

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

    private void Ping(string sql)
    {
        // A transaction of its own begins when the question arrives; locks are waited for after that.
        using var command = new NpgsqlCommand($"SELECT extract(epoch FROM clock_timestamp() - transaction_timestamp())::float8 FROM ({sql}) answer", connection);
        do
        {
            var watch = Stopwatch.StartNew();
            var ofServer = TimeSpan.FromSeconds((double)command.ExecuteScalar()!);
            Longest = watch.Elapsed > Longest ? watch.Elapsed : Longest;
            LongestOfServer = ofServer > LongestOfServer ? ofServer : LongestOfServer;
            Answers++;
        }
        while (!stop.Token.WaitHandle.WaitOne(Between));
    }
}
