using System.Diagnostics;
using System.Globalization;
using DeployOps.Adapters.PostgreSql;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>What the watch over a migration costs the server, and how soon a script that keeps others waiting has ended.</summary>
internal static class WatchRace
{
    private const int Runs = 7;
    private const int Tries = 100;
    private const double CostBar = 1.02;
    private const double BreakerBar = 500;
    private const string Load = "INSERT INTO load SELECT n, 'customer number ' || n, n % 1000 FROM generate_series(1, 8000000) n";
    // Their files are looked at for the size of the database.
    private const string Others = "DO $$ BEGIN FOR n IN 1..5000 LOOP EXECUTE format('CREATE TABLE other_%s (id bigint PRIMARY KEY)', n); IF n % 500 = 0 THEN COMMIT; END IF; END LOOP; END $$";
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);

    /// <summary>A load with looks at it four times a second, beside the same without, by turns.</summary>
    internal static async Task SamplingAsync(BenchServer server)
    {
        var (with, without) = (new List<double>(), new List<double>());
        await using var database = await server.CreateAsync();
        await database.ExecuteAsync(Others);
        await database.ExecuteAsync("CREATE TABLE load (id bigint, name text, total numeric)");
        for (var run = 0; run <= Runs; run++)
        {
            without.Add(await LoadAsync(database, isWatched: false));
            with.Add(await LoadAsync(database, isWatched: true));
        }

        var (seen, unseen) = (Median(with[1..]), Median(without[1..]));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sampling at 250 ms, 5,000 tables: {seen:0.000} s beside {unseen:0.000} s without; ratio {seen / unseen:0.000}, bar {CostBar:0.00}: {Bar.Judge(seen / unseen <= CostBar)}; with {Each(with)}, without {Each(without)}"));
    }

    /// <summary>From the look that is too much to the end of the script, of a hundred scripts that keep a reader waiting.</summary>
    internal static async Task BreakerAsync(BenchServer server)
    {
        await using var database = await server.CreateAsync();
        await database.ExecuteAsync("CREATE TABLE orders (id int)");
        using var adapters = new Adapters.Adapters(TimeProvider.System);
        var limits = new MigrationLimits { MaxBlockedFor = TimeSpan.FromMilliseconds(50) };
        await using var opened = adapters.OpenDatabase(new DatabaseSpec { Name = "bench", Kind = "PostgreSql", ConnectionString = database.ConnectionString, BaseFolder = Path.GetTempPath(), Limits = limits });
        var script = MigrationFolder.Parse([new SqlFile("V1__lock.sql", "LOCK TABLE orders;\nSELECT pg_sleep(60);"u8.ToArray())])[0];
        var times = new List<double>();
        for (var run = 0; run < Tries; run++)
        {
            var seen = new LastLook(limits);
            using var stop = new CancellationTokenSource();
            var reading = ReadAsync(database, stop.Token);
            try
            {
                await opened.Migrations.ApplyAsync(script, "benchmark", seen, CancellationToken.None);
            }
            catch (DeployOpsException e) when (e.ErrorId == "MigrationBlockedOthers")
            {
                times.Add(Stopwatch.GetElapsedTime(seen.At).TotalMilliseconds);
            }

            await stop.CancelAsync();
            await reading;
        }

        times.Sort();
        var p99 = times[(int)Math.Ceiling(0.99 * times.Count) - 1];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"breaker to cancelled: p50 {times[times.Count / 2]:0} ms, p99 {p99:0} ms, at most {times[^1]:0} ms of {times.Count}; bar {BreakerBar:0} ms at p99: {Bar.Judge(times.Count == Tries && p99 <= BreakerBar)}"));
    }

    private static async Task<double> LoadAsync(BenchDatabase database, bool isWatched)
    {
        await database.ExecuteAsync("TRUNCATE load");
        await database.ExecuteAsync("CHECKPOINT");
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        var server = PostgreSqlServer.Of(new DatabaseSpec { Name = "bench", Kind = "PostgreSql", ConnectionString = database.ConnectionString, BaseFolder = Path.GetTempPath() });
        await using var control = await PostgreSqlControl.OpenAsync(server, CancellationToken.None);
        var process = await control.UseAsync(other => PostgreSqlRunnerProcess.FindAsync(other, connection.ProcessID, CancellationToken.None)) ?? PostgreSqlRunnerProcess.Nobody;
        var sampler = new PostgreSqlSampler(control, process, TimeSpan.FromSeconds(30), new PostgreSqlHost(server, connection.ProcessID), TimeProvider.System, new ReplicationClock());
        using var stop = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        var watching = isWatched ? WatchAsync(sampler, stop.Token) : Task.CompletedTask;
        await using var command = new NpgsqlCommand(Load, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        var time = watch.Elapsed.TotalSeconds;
        await stop.CancelAsync();
        await watching;
        return time;
    }

    private static async Task WatchAsync(PostgreSqlSampler sampler, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            await sampler.LookAsync();
            await Task.Delay(Often, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Reads until it is told to stop; it is what the script keeps waiting.
    private static async Task ReadAsync(BenchDatabase database, CancellationToken token)
    {
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(CancellationToken.None);
        while (!token.IsCancellationRequested)
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM orders", connection) { CommandTimeout = 0 };
            await command.ExecuteScalarAsync(CancellationToken.None);
            await Task.Delay(5, CancellationToken.None);
        }
    }

    private static string Each(List<double> runs) => string.Join(' ', runs.Skip(1).Select(run => run.ToString("0.00", CultureInfo.InvariantCulture)));

    private static double Median(List<double> runs) => runs.Order().ElementAt(runs.Count / 2);

    /// <summary>When the first look was told that is over the limit: the breaker judges it then.</summary>
    private sealed class LastLook(MigrationLimits limits) : IMigrationObserver
    {
        internal long At { get; private set; }

        public void Progress(MigrationProgress progress)
        {
            if (At == 0 && progress.Sample is { } sample && sample.Blocks.Longest > limits.MaxBlockedFor)
            {
                At = Stopwatch.GetTimestamp();
            }
        }

        public void Ended(MigrationEvidence evidence)
        {
            // What was seen in sum is of no use here.
        }
    }
}
