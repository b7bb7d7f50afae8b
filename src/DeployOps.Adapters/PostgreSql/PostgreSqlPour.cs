using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Gets a dump into an empty database: as fast as it goes, or part by part, so that it can be held between them.</summary>
/// <param name="tool"><c>pg_restore</c>.</param>
/// <param name="server">The database.</param>
/// <param name="database">Its name.</param>
/// <param name="file">The dump.</param>
/// <param name="isElsewhere">Whether that is on another server than the dump is of, which has tablespaces of its own.</param>
/// <param name="isCopy">
/// Whether the database is only looked at and tried on: it subscribes to nobody then, since with a subscription it could not be dropped, and what is tried on it could have it connect to the publisher.
/// </param>
internal sealed class PostgreSqlPour(PostgreSqlTool tool, PostgreSqlServer server, string database, string file, bool isElsewhere, bool isCopy)
{
    // Between two of them the restore can be held. What is on its way when it is held is still written: a block, and what the system keeps in a pipe.
    private const int Block = 64 * 1024;

    // So much of the dump goes by one look at the replicas: it becomes some times as much where it is unpacked.
    private const int BytesPerLook = 1024 * 1024;

    // "3411; 2606 16445 CONSTRAINT public orders orders_pkey postgres": what builds an index or fills a materialised view writes much by one statement.
    private static readonly Regex Large = new(@"^\d+; \d+ \d+ (INDEX|CONSTRAINT|MATERIALIZED VIEW DATA) ", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    // What is missing on a server, or wrong with it, says nothing of the dump; nor does a signal that ended the program, which is told as 128 and its number.
    private static readonly Regex OfServer = new(
        "ended with exit code (129|1[3-9][0-9]|2[0-9][0-9])$|terminated by user|No space left|connection to server|server closed the connection|terminating connection|permission denied|role \".*\" does not exist|extension \".*\" is not available|extension control file|tablespace \".*\" does not exist", RegexOptions.NonBacktracking);

    // What the program found out by the server, whose words stand behind it.
    private static readonly Regex ByServer = new("could not execute query|COPY failed|could not set |query failed|error returned by PQ", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    private IReadOnlyDictionary<string, string?>? environment;

    /// <summary>
    /// Whether a refusal says something of the server, and nothing of the dump. Words that the server says in another language are not understood: they are taken for its own, since the
    /// file was just seen to be what it was.
    /// </summary>
    internal static bool IsOfServer(string refusal) => OfServer.IsMatch(refusal) || (ByServer.IsMatch(refusal) && !refusal.Contains("ERROR:", StringComparison.Ordinal) && !refusal.Contains("FATAL:", StringComparison.Ordinal));

    /// <summary>Restores all of it at once.</summary>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c>; <c>BackupScratchFailed</c> where the server was the reason.</exception>
    internal async Task AllAsync(CancellationToken cancellationToken) => Require(await RunAsync(cancellationToken, file));

    /// <summary>Restores it part by part: what tables are, block by block of the rows, and each thing that writes much by itself, such as an index.</summary>
    /// <param name="gate">Returns once the next part may be written; true where that wants a look of its own. Its token ends it where nobody is left who would write.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException">Those of <see cref="AllAsync"/>, and what the gate throws.</exception>
    internal async Task PacedAsync(Func<bool, CancellationToken, Task> gate, CancellationToken cancellationToken)
    {
        await gate(false, cancellationToken);
        Require(await RunAsync(cancellationToken, "--section=pre-data", file));
        Require(await tool.FeedAsync(await EnvironmentAsync(cancellationToken), BlocksAsync(gate, cancellationToken), cancellationToken, [.. Always, "--format=custom", "--section=data"]));
        var list = Path.GetTempFileName();
        try
        {
            foreach (var part in await PartsAsync(cancellationToken))
            {
                await gate(true, cancellationToken);
                await File.WriteAllLinesAsync(list, part, cancellationToken);
                Require(await RunAsync(cancellationToken, "--section=post-data", $"--use-list={list}", file));
            }
        }
        finally
        {
            File.Delete(list);
        }
    }

    /// <summary>A dump that cannot be restored.</summary>
    internal static DeployOpsException Corrupt(string file, string why) => new(
        "BackupCorrupt", FaultKind.Failed, $"The backup {file} cannot be restored: {why}.", "Do not rely on it. Check the disk, then take another one.")
    { Target = file };

    private string[] Always => ["--exit-on-error", "--no-password", $"--dbname={database}", .. isElsewhere ? ["--no-tablespaces"] : Array.Empty<string>(), .. isCopy ? ["--no-subscriptions"] : Array.Empty<string>()];

    private async Task<IReadOnlyDictionary<string, string?>> EnvironmentAsync(CancellationToken cancellationToken) => environment ??= await server.EnvironmentInEnglishAsync(cancellationToken);

    private async Task<string?> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        await tool.RunAsync(await EnvironmentAsync(cancellationToken), null, cancellationToken, [.. Always, .. arguments]);

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> BlocksAsync(Func<bool, CancellationToken, Task> gate, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(file);
        var block = new byte[Block];
        var unseen = 0;
        for (int read; (read = await stream.ReadAsync(block, cancellationToken)) > 0; unseen += read)
        {
            await gate(unseen >= BytesPerLook, cancellationToken);
            unseen = unseen >= BytesPerLook ? 0 : unseen;
            yield return block.AsMemory(0, read);
        }
    }

    // In the order of the dump: what has to be there before other things is.
    private async Task<IReadOnlyList<IReadOnlyList<string>>> PartsAsync(CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        Require(await tool.RunAsync(server.Environment(), lines.Add, cancellationToken, "--list", "--section=post-data", file));
        var parts = new List<List<string>>();
        var wasLarge = true;
        foreach (var line in lines.Where(line => line.Length > 0 && line[0] != ';'))
        {
            var isLarge = Large.IsMatch(line);
            if (isLarge || wasLarge)
            {
                parts.Add([]);
            }

            parts[^1].Add(line);
            wasLarge = isLarge;
        }

        return parts;
    }

    private void Require(string? refusal)
    {
        if (refusal is not null)
        {
            throw IsOfServer(refusal)
                ? new DeployOpsException("BackupScratchFailed", FaultKind.Failed, $"The backup {file} could not be restored on {server.Name}: {refusal}.", "Check the server and its disk, then take another backup: this one is not proven.") { Target = file }
                : Corrupt(file, refusal);
        }
    }
}
