using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace DeployOps.Benchmarks.Migrations;

/// <summary>The same by the mariadb client: one process, stopped at the first error.</summary>
internal static class MariaDbClientRun
{
    /// <summary>Each script with a row of a history behind it, all in one process.</summary>
    internal static async Task<TimeSpan> EachAsync(MariaDbBenchServer server, string database, IReadOnlyList<string> files)
    {
        await server.ExecuteAsync(
            database,
            "CREATE TABLE history (id bigint AUTO_INCREMENT PRIMARY KEY, version varchar(50) NOT NULL UNIQUE, file_name varchar(500) NOT NULL, checksum char(64) NOT NULL, applied_by varchar(200) NOT NULL, applied_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6))");
        var all = new StringBuilder();
        foreach (var file in files)
        {
            var name = Path.GetFileName(file);
            all.Append("source ").Append(file).Append("\nINSERT INTO history (version, file_name, checksum, applied_by) VALUES ('").Append(name[1..5]).Append("', '").Append(name)
                .Append("', '").Append('0', 64).Append("', 'benchmark');\n");
        }

        return await RunAsync(server, database, async input => await input.WriteAsync(Encoding.UTF8.GetBytes(all.ToString())));
    }

    /// <summary>One script in one transaction.</summary>
    internal static Task<TimeSpan> OneAsync(MariaDbBenchServer server, string database, string file) => RunAsync(server, database, async input =>
    {
        await input.WriteAsync("START TRANSACTION;\n"u8.ToArray());
        await using (var script = File.OpenRead(file))
        {
            await script.CopyToAsync(input);
        }

        await input.WriteAsync("COMMIT;\n"u8.ToArray());
    });

    private static async Task<TimeSpan> RunAsync(MariaDbBenchServer server, string database, Func<Stream, Task> feed)
    {
        string[] arguments = ["--no-defaults", "--batch", "--host=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"--port={server.Port}"), "--protocol=tcp", "--user=bench", "--max-allowed-packet=64M", database];
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("mariadb", arguments) { RedirectStandardInput = true, UseShellExecute = false })!;
        await using (var input = process.StandardInput.BaseStream)
        {
            await feed(input);
        }

        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? watch.Elapsed : throw new InvalidOperationException($"mariadb ended with {process.ExitCode}.");
    }
}
