using System.Globalization;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>Migrations of PostgreSQL beside psql and DbUp on the same server: by turns, each in a new database, and of several runs the median.</summary>
internal static class MigrationRace
{
    /// <summary>What asks for it on the command line.</summary>
    internal const string Argument = "migrations";

    private const string Kind = "PostgreSql";
    private const string MariaDb = "--mariadb";
    private const string Gigabyte = "--gigabyte";
    private const string Watch = "--watch";
    private const int SmallScripts = 1_000;
    private const int Runs = 5;
    private const int LongRuns = 3;
    private const double SmallBar = 1.5;
    private const double LargeBar = 1;
    private const double MemoryBar = 150 * 1024 * 1024.0;
    private const long Mega = 1_000_000;

    /// <summary>Runs them and prints a line each.</summary>
    internal static async Task RunAsync(IReadOnlyList<string> options)
    {
        if (options.Contains(MariaDb))
        {
            await MariaDbRace.RunAsync();
            return;
        }

        await using var server = await BenchServer.StartAsync();
        if (options.Contains(Watch))
        {
            await WatchRace.SamplingAsync(server);
            await WatchRace.BreakerAsync(server);
            return;
        }

        await SmallAsync(server);
        await LargeAsync(server, 100 * Mega, "one script of 100 MB", LongRuns);
        if (options.Contains(Gigabyte))
        {
            await LargeAsync(server, 1_000 * Mega, "one script of 1 GB", 1);
        }
    }

    private static async Task SmallAsync(BenchServer server)
    {
        using var scripts = BenchScripts.Small(SmallScripts);
        var (ours, theirs, ups) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<TimeSpan>());
        // The first of each pays for what is not measured: the runtime's compiler here, the server's caches there.
        for (var run = 0; run <= Runs; run++)
        {
            await using (var database = await server.CreateAsync())
            {
                theirs.Add(await PsqlRun.EachAsync(database, scripts.Files));
            }

            await using (var database = await server.CreateAsync())
            {
                ours.Add(await OurRun.HereAsync(Kind, database.ConnectionString, scripts.Folder));
            }

            await using (var database = await server.CreateAsync())
            {
                ups.Add(DbUpRun.Here(database.ConnectionString, scripts.Folder));
            }
        }

        Tell("1,000 small scripts", "psql, one process, a history row each", ours[1..], theirs[1..], SmallBar);
        Tell("1,000 small scripts", "DbUp, a transaction and a history row each", ours[1..], ups[1..], bar: null);
    }

    private static async Task LargeAsync(BenchServer server, long bytes, string name, int runs)
    {
        using var scripts = BenchScripts.Large(bytes);
        var (ours, theirs, peaks) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<long>());
        for (var run = 0; run < runs; run++)
        {
            await using (var database = await server.CreateAsync())
            {
                theirs.Add(await PsqlRun.OneAsync(database, scripts.Files[0]));
            }

            await using (var database = await server.CreateAsync())
            {
                var (time, peak) = await OurRun.AsideAsync(Kind, database.ConnectionString, scripts.Folder);
                ours.Add(time);
                peaks.Add(peak);
            }
        }

        TellLarge(name, "psql -1", ours, theirs, peaks, LargeBar);
    }

    /// <summary>Prints what a large script came to, and the memory that it took.</summary>
    internal static void TellLarge(string name, string rival, List<TimeSpan> ours, List<TimeSpan> theirs, List<long> peaks, double bar)
    {
        Tell(name, rival, ours, theirs, bar);
        var most = peaks.Max();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: at most {most / 1048576.0:0.0} MiB resident; bar {MemoryBar / 1048576:0} MiB: {Bar.Judge(most <= MemoryBar)}"));
    }

    /// <summary>Prints what a comparison came to, and whether the ratio is at most the bar where there is one.</summary>
    internal static void Tell(string name, string rival, List<TimeSpan> ours, List<TimeSpan> theirs, double? bar)
    {
        var (our, their) = (Median(ours), Median(theirs));
        var ratio = our / their;
        var judgement = bar is { } most ? string.Create(CultureInfo.InvariantCulture, $", bar {most:0.0}: {Bar.Judge(ratio <= most)}") : "";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {our.TotalSeconds:0.000} s beside {their.TotalSeconds:0.000} s of {rival}; ratio {ratio:0.00}{judgement}; ours {Each(ours)}, theirs {Each(theirs)}"));
    }

    private static string Each(List<TimeSpan> runs) => string.Join(' ', runs.Select(run => run.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture)));

    private static TimeSpan Median(List<TimeSpan> runs) => runs.Order().ElementAt(runs.Count / 2);
}
