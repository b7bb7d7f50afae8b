using System.Diagnostics;
using System.Globalization;
using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Secrets;
using DeployOps.Tests.Shared;
using DeployOps.Windows.Homes;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>
/// What <c>Invoke-DbMigration</c> does with a folder, without PowerShell around it: it hashes and classes the scripts, reads the history, plans, lints what is pending by what the database
/// has, reads what it consists of before and after, and applies the scripts, watched and gated.
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
        using var thread = new JournalThread();
        using var asker = new HttpAsker(TimeProvider.System);
        var redactor = new Redactor();
        var ports = new Ports
        {
            Home = new DeploymentHome(Path.Combine(folder, "home")),
            JournalThread = thread,
            Redactor = redactor,
            Plans = new PlanReader(new NoPlans(), new NoPlans(), redactor),
            Adapters = adapters,
            Deployer = new NoPlans(),
            Http = asker,
            Operator = new OperatorIdentity("benchmark", "host"),
            ModuleVersion = "0",
        };
        var database = new DatabaseSpec { Name = "bench", Kind = kind, ConnectionString = connectionString, BaseFolder = folder, Migrations = folder, ScriptTimeout = TimeSpan.FromHours(1) };
        var result = await new DatabaseMigrator(ports, new SilentReporter(), database).RunAsync(CancellationToken.None);
        if (result.Outcome != PhaseOutcome.Succeeded)
        {
            throw new InvalidOperationException(result.Summary);
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
