using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>The same by psql: one process, stopped at the first error.</summary>
internal static class PsqlRun
{
    /// <summary>Each script in a transaction of its own with a row of a history, all in one process.</summary>
    internal static async Task<TimeSpan> EachAsync(BenchDatabase database, IReadOnlyList<string> files)
    {
        await database.ExecuteAsync(
            "CREATE TABLE history (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version text NOT NULL UNIQUE, file_name text NOT NULL, checksum text NOT NULL, applied_by text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())");
        var all = new StringBuilder();
        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            all.Append("BEGIN;\n\\i ").Append(file).Append("\nINSERT INTO history (version, file_name, checksum, applied_by) VALUES ('").Append(name[1..5]).Append("', '").Append(name)
                .Append("', '").Append('0', 64).Append("', 'benchmark');\nCOMMIT;\n");
        }

        var script = Path.Combine(Path.GetTempPath(), $"deployops-benchmark-{Guid.NewGuid():N}.sql");
        await File.WriteAllTextAsync(script, all.ToString());
        try
        {
            return await RunAsync(database, "-f", script);
        }
        finally
        {
            File.Delete(script);
        }
    }

    /// <summary>One script in one transaction.</summary>
    internal static Task<TimeSpan> OneAsync(BenchDatabase database, string file) => RunAsync(database, "-1", "-f", file);

    private static async Task<TimeSpan> RunAsync(BenchDatabase database, params string[] arguments)
    {
        string[] all = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", database.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-d", database.Name, .. arguments];
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(BenchServer.Psql, all) { RedirectStandardOutput = true, UseShellExecute = false })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? watch.Elapsed : throw new InvalidOperationException($"psql ended with {process.ExitCode}.");
    }
}
