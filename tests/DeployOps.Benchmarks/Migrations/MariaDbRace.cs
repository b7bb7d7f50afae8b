namespace DeployOps.Benchmarks.Migrations;

/// <summary>Migrations of MariaDB beside its own client on the same server: by turns, each in a new database, and of several runs the median.</summary>
internal static class MariaDbRace
{
    private const string Kind = "MariaDb";
    private const int SmallScripts = 1_000;
    private const int Runs = 5;
    private const int LongRuns = 3;
    private const double SmallBar = 1.5;
    private const double LargeBar = 1;
    private const long Large = 100_000_000;

    /// <summary>Runs them and prints a line each.</summary>
    internal static async Task RunAsync()
    {
        await using var server = await MariaDbBenchServer.StartAsync();
        await SmallAsync(server);
        await LargeAsync(server);
    }

    // Each script makes a table, fills it and changes it: every definition commits by itself, in the client as here.
    private static async Task SmallAsync(MariaDbBenchServer server)
    {
        using var scripts = BenchScripts.Small(SmallScripts);
        var (ours, theirs) = (new List<TimeSpan>(), new List<TimeSpan>());
        // The first of each pays for what is not measured: the runtime's compiler here, the server's caches there.
        for (var run = 0; run <= Runs; run++)
        {
            theirs.Add(await server.WithAsync(name => MariaDbClientRun.EachAsync(server, name, scripts.Files)));
            ours.Add(await server.WithAsync(name => OurRun.HereAsync(Kind, server.ConnectionString(name), scripts.Folder)));
        }

        MigrationRace.Tell("MariaDB, 1,000 small scripts", "mariadb, one process, a history row each", ours[1..], theirs[1..], SmallBar);
    }

    // Rows alone, so that both do it in one transaction.
    private static async Task LargeAsync(MariaDbBenchServer server)
    {
        using var scripts = BenchScripts.Rows(Large);
        var (ours, theirs, peaks) = (new List<TimeSpan>(), new List<TimeSpan>(), new List<long>());
        for (var run = 0; run < LongRuns; run++)
        {
            theirs.Add(await server.WithAsync(async name =>
            {
                await server.ExecuteAsync(name, BenchScripts.Table);
                return await MariaDbClientRun.OneAsync(server, name, scripts.Files[0]);
            }));
            var (time, peak) = await server.WithAsync(async name =>
            {
                await server.ExecuteAsync(name, BenchScripts.Table);
                return await OurRun.AsideAsync(Kind, server.ConnectionString(name), scripts.Folder);
            });
            ours.Add(time);
            peaks.Add(peak);
        }

        MigrationRace.TellLarge("MariaDB, one script of 100 MB", "mariadb, one transaction", ours, theirs, peaks, LargeBar);
    }
}
