using System.Diagnostics;
using System.Globalization;
using DeployOps.Migrations;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>
/// What <c>Invoke-DbMigration</c> does with a folder, without PowerShell around it: it hashes and classes the scripts, reads the history, plans, lints what is pending, and applies it,
/// watched and gated.
/// </summary>
internal static class OurRun
{
    /// <summary>What tells a process of its own that does this from the benchmarks.</summary>
    internal const string Argument = "migrate";

    /// <summary>Runs it here.</summary>
    internal static async Task<TimeSpan> HereAsync(string kind, string connectionString, string folder)
    {
        var watch = Stopwatch.StartNew();
        using var adapters = new Adapters.Adapters(TimeProvider.System);
        await using var database = adapters.OpenDatabase(new DatabaseSpec
        {
            Name = "bench",
            Kind = kind,
            ConnectionString = connectionString,
            BaseFolder = folder,
            Migrations = folder,
            ScriptTimeout = TimeSpan.FromHours(1),
        });
        var scripts = await MigrationFolder.LoadAsync(folder, CancellationToken.None);
        var dialect = SqlDialects.Of(kind);
        foreach (var script in scripts)
        {
            MigrationLint.Check(script, dialect);
        }

        var plan = await MigrationPlanner.PlanAsync(scripts, database.Migrations, CancellationToken.None);
        plan.ThrowIfRefused();
        if (new MigrationLinter(dialect).Check(plan.Pending).FirstOrDefault(finding => finding.Refuses) is { } refused)
        {
            throw new InvalidOperationException($"{refused}");
        }

        foreach (var script in plan.Pending)
        {
            await database.Migrations.ApplyAsync(script, "benchmark", CancellationToken.None);
        }

        return watch.Elapsed;
    }

    /// <summary>Runs it in a process of its own, for its memory.</summary>
    /// <returns>The time that the work took, and the most memory that the process had resident, in bytes.</returns>
    internal static async Task<(TimeSpan Time, long Peak)> AsideAsync(string kind, string connectionString, string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(OurRun).Assembly.Location, Argument, kind, connectionString, folder]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var words = (await process.StandardOutput.ReadToEndAsync()).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? (TimeSpan.FromMilliseconds(double.Parse(words[0], CultureInfo.InvariantCulture)), long.Parse(words[1], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"The run ended with {process.ExitCode}.");
    }

    /// <summary>What such a process does.</summary>
    internal static async Task TellAsync(string kind, string connectionString, string folder)
    {
        var time = await HereAsync(kind, connectionString, folder);
        var peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds} {long.Parse(peak, CultureInfo.InvariantCulture) * 1024}"));
    }
}
