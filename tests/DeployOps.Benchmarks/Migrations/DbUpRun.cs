using System.Diagnostics;
using DbUp;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>The same by DbUp, in this process: each script in a transaction of its own, a row of its history each.</summary>
internal static class DbUpRun
{
    /// <summary>Runs the folder's scripts.</summary>
    internal static TimeSpan Here(string connectionString, string folder)
    {
        var watch = Stopwatch.StartNew();
        var result = DeployChanges.To.PostgresqlDatabase(connectionString).WithScriptsFromFileSystem(folder).WithTransactionPerScript().LogToNowhere().Build().PerformUpgrade();
        return result.Successful ? watch.Elapsed : throw new InvalidOperationException($"DbUp failed at {result.ErrorScript?.Name}.", result.Error);
    }
}
