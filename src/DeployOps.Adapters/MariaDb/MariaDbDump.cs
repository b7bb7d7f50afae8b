using System.Text;
using DeployOps.Adapters.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Dumps a database in a snapshot that a second connection has, too. MariaDB hands no snapshot from one session to another: commits are held up for the moment in which both
/// begin, by <c>BACKUP STAGE BLOCK_COMMIT</c>, and let go as soon as the dump has begun to write tables.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="time">The clock.</param>
internal sealed class MariaDbDump(MariaDbServer live, TimeProvider time)
{
    private const int HeadLength = 64 * 1024;
    private static readonly string[] Begun = ["\n-- Table structure", "\n-- Sequence structure", "\n-- Temporary table", "\n-- Dumping ", "\n-- Dump completed"];
    private static readonly TimeSpan LongestHold = TimeSpan.FromSeconds(10);
    private static readonly ScriptPace Pace = new() { FirstPause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(5), Tries = 5 };

    /// <summary>Writes it to a file that exists and is empty.</summary>
    /// <param name="reader">A connection; when this calls back, it has the snapshot of the dump.</param>
    /// <param name="file">The file.</param>
    /// <param name="read">Reads what the snapshot holds, while the dump goes on.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was read.</returns>
    /// <exception cref="DeployOpsException"><c>BackupFailed</c>; <c>BackupToolMissing</c>; <c>BackupToolTooOld</c>.</exception>
    internal async Task<T> WriteAsync<T>(MySqlConnection reader, string file, Func<Task<T>> read, CancellationToken cancellationToken)
    {
        var program = await MariaDbProgram.FindAsync("mariadb-dump", reader.Version(), cancellationToken);
        var isVersioned = (await MariaDbRelation.AllAsync(reader, live.Database, cancellationToken)).Any(relation => relation.IsVersioned);
        // A dump of one database says nothing of the database itself, and what it makes would take the defaults of whichever it is restored into.
        var defaults = $"ALTER DATABASE{await MariaDbScratch.CharacterSetAsync(reader, live.Database, cancellationToken)};\n";
        var isEncrypted = await reader.QueryAsync("SHOW SESSION STATUS LIKE 'Ssl_cipher'", [], row => row.Text(1), cancellationToken) is [{ Length: > 0 }];
        using var options = await MariaDbOptionFile.WriteAsync(live.Options(isEncrypted), cancellationToken);
        await using var keeper = await live.OpenAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string?>? dumping = null;
        try
        {
            await HoldCommitsAsync(keeper, file, cancellationToken);
            try
            {
                await MariaDbFingerprints.BeginAsync(reader, cancellationToken);
                dumping = program.RunAsync(null, output => TakeAsync(output, file, defaults, begun), stop.Token, Arguments(options, isVersioned));
                await Task.WhenAny(begun.Task, dumping, Task.Delay(LongestHold, time, cancellationToken));
            }
            finally
            {
                await keeper.ExecuteAsync(CancellationToken.None, "BACKUP STAGE END");
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (!begun.Task.IsCompleted && !dumping.IsCompleted)
            {
                throw Failed(file, $"mariadb-dump had not begun within {LongestHold.TotalSeconds:0} s, for which commits were held up", "Look for what keeps it, such as a server that is overloaded, and try again.");
            }

            var result = await read();
            return await dumping is { } refusal ? throw Failed(file, refusal, "Check the account's rights, the disk's space and the server's log.")
                : await MariaDbDumpFile.IsCompleteAsync(file, cancellationToken) ? result
                : throw Failed(file, "its last line does not say that the dump was completed", "Check the disk's space and the server's log.");
        }
        catch
        {
            await stop.CancelAsync();
            await ((Task?)dumping ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    // Without LOCK TABLES in it: under one a default that takes numbers from a sequence cannot be restored beside the live database. Without tablespaces, which
    // only NDB has: a server of 10.11.19 crashed at the query for them.
    private IReadOnlyList<string> Arguments(MariaDbOptionFile options, bool isVersioned) =>
    [
        options.Argument, "--single-transaction", "--skip-add-locks", "--no-tablespaces", "--quick", "--routines", "--triggers", "--events", "--hex-blob", "--comments", "--tz-utc", "--default-character-set=utf8mb4", "--max-allowed-packet=1G",
        .. isVersioned ? new[] { "--dump-history" } : [], live.Database,
    ];

    // Short waits, and many: whoever wants to commit waits behind it.
    private async Task HoldCommitsAsync(MySqlConnection keeper, string file, CancellationToken cancellationToken)
    {
        await keeper.ExecuteAsync(cancellationToken, "SET SESSION lock_wait_timeout = 2");
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await keeper.ExecuteAsync(CancellationToken.None, "BACKUP STAGE START", "BACKUP STAGE BLOCK_COMMIT");
                return;
            }
            catch (MySqlException e)
            {
                if (!MariaDbErrors.IsLost(e))
                {
                    await EndStageAsync(keeper);
                }

                if (MariaDbErrors.IsForbidden(e))
                {
                    throw Failed(file, $"{MariaDbErrors.Words(e)}; commits have to be held up for a moment, so that what is compared is what was dumped", "Grant the account RELOAD.");
                }

                if (attempt >= Pace.Tries || !MariaDbErrors.MayPass(e))
                {
                    throw;
                }
            }

            await ScriptPause.AfterAsync(Pace, attempt, time, cancellationToken);
        }
    }

    private static async Task EndStageAsync(MySqlConnection keeper)
    {
        try
        {
            await keeper.ExecuteAsync(CancellationToken.None, "BACKUP STAGE END");
        }
        catch (MySqlException e) when (!MariaDbErrors.IsLost(e))
        {
            // It had not begun.
        }
    }

    private static async Task TakeAsync(Stream output, string file, string first, TaskCompletionSource begun)
    {
        await using var target = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.Read, 64 * 1024, FileOptions.Asynchronous);
        await target.WriteAsync(Encoding.UTF8.GetBytes(first), CancellationToken.None);
        var head = new StringBuilder();
        var buffer = new byte[64 * 1024];
        while (await output.ReadAsync(buffer, CancellationToken.None) is > 0 and var length)
        {
            if (!begun.Task.IsCompleted)
            {
                head.Append(Encoding.Latin1.GetString(buffer, 0, length));
                var text = head.ToString();
                if (head.Length >= HeadLength || Array.Exists(Begun, mark => text.Contains(mark, StringComparison.Ordinal)))
                {
                    begun.TrySetResult();
                }
            }

            await target.WriteAsync(buffer.AsMemory(0, length), CancellationToken.None);
        }
    }

    private DeployOpsException Failed(string file, string why, string next) =>
        new("BackupFailed", FaultKind.Failed, $"{live.Place} could not be backed up to {file}: {why}.", next) { Target = file };
}
