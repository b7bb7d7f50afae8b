using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Dumps a live database in the snapshot that its fingerprint is read in, proves dumps by restoring them into a database of their own, and puts one back by restoring it beside
/// the live database and exchanging their tables.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="proof">Where dumps are proven.</param>
/// <param name="replicas">How many replicas count; null where the plan does not say.</param>
/// <param name="jobs">Where the work runs.</param>
/// <param name="open">Opens a copy, to be tried on: by an account, as the account of the plan watches it, and whether that account has rights on it alone.</param>
internal sealed class MariaDbBackups(MariaDbServer live, MariaDbProof proof, int? replicas, DatabaseJobs jobs, Func<MariaDbServer, MariaDbServer, bool, IDatabase> open) : IBackupTarget
{
    private const string Space = "Free space, or choose a folder on another disk.";
    private static readonly HashSet<string> NoEvents = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>BackupFailed</c>, <c>BackupToolMissing</c>, <c>BackupToolTooOld</c>, <c>DatabaseBusy</c>, <c>DatabaseConnectionLost</c>, <c>DatabaseReadFailed</c>, <c>DatabaseUnreachable</c>, <c>RestoreInterrupted</c> or <c>ScratchUnusable</c>; no file is left.</exception>
    public Task<DatabaseFingerprint> BackupAsync(string file, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            try
            {
                // What cannot be proven afterwards need not be dumped.
                await proof.RefuseUnusableAsync(token);
                await MariaDbSwap.MendAsync(live, token);
                return await WholeFile.WriteAsync(
                    file, partial => DiskFloor.KeepAsync(FolderOf(file), jobs.Time, stop => DumpAsync(partial, stop), why => BackupFailed(file, why, Space, null), token));
            }
            catch (MySqlException e)
            {
                throw MariaDbErrors.Of(live, e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw BackupFailed(file, e.Message.TrimEnd('.'), "Check the folder, its permissions and the disk's space.", e);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> ReadBackAsync(string file, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken) =>
        ReadBackAsync(file, new SilentProof(), tryOn, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c>; <c>BackupProofUnknown</c>; <c>BackupScratchFailed</c>; <c>BackupToolMissing</c>; <c>BackupToolTooOld</c>; <c>DatabaseUnreachable</c>; <c>ScratchUnusable</c>.</exception>
    public Task<DatabaseFingerprint> ReadBackAsync(string file, IProofObserver observer, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            try
            {
                await using var scratch = await proof.RestoreAsync(file, observer, token);
                observer.Progress("comparing the restored backup");
                var restored = await FingerprintAsync(scratch.Server, null, scratch.Events, token);
                await using var copy = new MariaDbCopy(scratch, (server, isConfined) => open(server, scratch.Server, isConfined), observer);
                await tryOn(copy, restored);
                return restored;
            }
            catch (DeployOpsException e) when (e.ErrorId is "DatabaseConnectionLost" or "DatabaseBusy")
            {
                throw NoScratch(file, e.Message, e);
            }
            catch (MySqlException e)
            {
                throw NoScratch(file, $"{MariaDbErrors.Words(e)}. Check the account's right to create databases whose names begin with deployops_, and the server's disk.", e);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(string file, DatabaseFingerprint proven, CancellationToken cancellationToken) => RestoreAsync(file, proven, new RestoreTerms(), cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(string file, DatabaseFingerprint proven, RestoreTerms terms, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            MariaDbSwap? swap = null;
            try
            {
                await RefuseHinderedAsync(terms.Warn, token);
                await using var beside = await MariaDbScratch.BesideAsync(live, token);
                terms.Progress("filling the copy");
                await beside.FillAsync(file, token);
                terms.Progress("comparing the copy");
                var comparison = BackupComparison.Compare($"restore of {live.Database}", proven, await FingerprintAsync(beside.Server, null, beside.Events, token));
                if (comparison.Verdict != Gates.GateVerdict.Pass)
                {
                    throw RestoreFailed(file, $"what was restored is not what was proven: {comparison.Detail}", null, null);
                }

                var others = await RefuseMoreAsync(terms.Agreed, proven, token);
                swap = new MariaDbSwap(live, beside)
                {
                    Time = jobs.Time,
                    Others = others,
                    Warn = terms.Warn,
                    More = replaced => MoreOrToldAsync(live.At(replaced), terms.Agreed, proven, others, terms.Warn),
                    BeforeReplacing = terms.BeforeReplacing,
                };
                terms.Progress("exchanging");
                await swap.TakePlaceAsync(token);
                return true;
            }
            catch (MySqlException e)
            {
                throw RestoreFailed(file, MariaDbErrors.Words(e), MariaDbErrors.Cause(e), swap);
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or TimeoutException)
            {
                throw RestoreFailed(file, MariaDbErrors.Words(e), e, swap);
            }
            catch (DeployOpsException e) when (e.ErrorId is "BackupCorrupt" or "BackupScratchFailed" or "DatabaseBusy" or "DatabaseConnectionLost" || (swap is { IsDone: true } && e.ErrorId != "RestoreLosesMore"))
            {
                throw RestoreFailed(file, e.Fact.TrimEnd('.'), e, swap);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<RestoreHindrance?> FindHindranceAsync(CancellationToken cancellationToken) => live.AskAsync(jobs, (connection, token) => MariaDbHindrance.FindAsync(connection, live, tries: false, replicas, token), cancellationToken);

    /// <inheritdoc/>
    public Task<string> MendAsync(CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            try
            {
                return await MariaDbSwap.MendAsync(live, token);
            }
            catch (MySqlException e)
            {
                throw MariaDbErrors.Of(live, e);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> FingerprintAsync(CancellationToken cancellationToken) => jobs.RunAsync(token => FingerprintAsync(live, null, NoEvents, token), cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> FingerprintAsync(DatabaseFingerprint backup, CancellationToken cancellationToken) => jobs.RunAsync(token => FingerprintAsync(live, backup, NoEvents, token), cancellationToken);

    // Before a copy is made, which may take hours; it is looked again before the exchange.
    private async Task RefuseHinderedAsync(Action<string> warn, CancellationToken token)
    {
        await using var connection = await live.OpenServerAsync(token);
        if (await MariaDbHindrance.FindAsync(connection, live, tries: true, replicas, token) is not { } hindrance)
        {
            return;
        }

        if (hindrance.IsCertain)
        {
            throw MariaDbHindrance.Refusal(live, hindrance);
        }

        warn($"{hindrance.Why}. {hindrance.Next}");
    }

    // Nobody can be kept from writing before the tables are exchanged: most of it is met here, and the rest in the database that was replaced. It says who is connected.
    private async Task<IReadOnlyList<string>> RefuseMoreAsync(AgreedLoss? agreed, DatabaseFingerprint proven, CancellationToken token)
    {
        if (agreed is not { Counted.Tables.Count: > 0 })
        {
            return [];
        }

        await using var connection = await live.OpenAsync(token);
        var others = await MariaDbUsers.OthersAsync(connection, token);
        return !agreed.AlsoLater && await MoreAsync(live, agreed, proven, token) is { Count: > 0 } more
            ? throw LossCheck.Refusal(live.Place, more, others, $"{MariaDbSwap.AsBefore.TrimEnd('.')} and serves.", isAsBefore: true)
            : others;
    }

    // Counted where it was replaced, while the restored one serves. What was agreed to be lost is told, and goes with it.
    private async Task<IReadOnlyList<string>> MoreOrToldAsync(MariaDbServer replaced, AgreedLoss? agreed, DatabaseFingerprint proven, IReadOnlyList<string> others, Action<string> warn)
    {
        var more = await MoreAsync(replaced, agreed, proven, CancellationToken.None);
        if (more.Count == 0 || agreed is not { AlsoLater: true })
        {
            return more;
        }

        warn(LossCheck.Accepted(more, others));
        return [];
    }

    private async Task<IReadOnlyList<string>> MoreAsync(MariaDbServer server, AgreedLoss? agreed, DatabaseFingerprint proven, CancellationToken token) =>
        agreed is null ? [] : LossCheck.More(live.Database, agreed, await FingerprintAsync(server, proven, NoEvents, token));

    private async Task<DatabaseFingerprint> FingerprintAsync(MariaDbServer server, DatabaseFingerprint? like, IReadOnlySet<string> disabled, CancellationToken token)
    {
        await using var connection = await server.OpenAsync(token);
        try
        {
            await MariaDbFingerprints.BeginAsync(connection, token);
            return await MariaDbFingerprints.ReadAsync(connection, server.Database, live.Database, like, disabled, token);
        }
        catch (MySqlException e)
        {
            throw MariaDbErrors.Of(server, e);
        }
    }

    private async Task<DatabaseFingerprint> DumpAsync(string file, CancellationToken token)
    {
        await using var connection = await live.OpenAsync(token);
        await RefuseFullDiskAsync(connection, file, token);
        var before = await SequencesAsync(connection, token);
        var fingerprint = await new MariaDbDump(live, jobs.Time).WriteAsync(connection, file, () => MariaDbFingerprints.ReadAsync(connection, live.Database, live.Database, null, NoEvents, token), token);
        var isStill = before.SequenceEqual(await SequencesAsync(connection, token));

        // One that somebody used while the database was dumped is neither where it was before nor where it is now.
        return fingerprint with { Sequences = isStill ? before : await MariaDbDumpFile.SequencesAsync(file, fingerprint.Sequences, token) };
    }

    private async Task<IReadOnlyList<SequenceFingerprint>> SequencesAsync(MySqlConnection connection, CancellationToken token) =>
        await MariaDbFingerprints.SequencesAsync(connection, live.Database, await MariaDbRelation.AllAsync(connection, live.Database, token), token);

    // Rows take about as much as text, indexes nothing. Large binary values become hexadecimal digits, twice as many, and what is compressed is so no more. The catalogue is read once:
    // what asks it for each table reads all of it for each.
    private async Task RefuseFullDiskAsync(MySqlConnection connection, string file, CancellationToken token)
    {
        var size = await connection.NumberAsync(
            """
            SELECT SUM(t.DATA_LENGTH * IF(IFNULL(t.ROW_FORMAT, '') = 'Compressed', 2, 1) * IF(c.TABLE_NAME IS NULL, 1, 2))
            FROM information_schema.TABLES t LEFT JOIN (SELECT DISTINCT TABLE_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = @p0 AND DATA_TYPE LIKE '%blob') c ON c.TABLE_NAME = t.TABLE_NAME
            WHERE t.TABLE_SCHEMA = @p0
            """,
            [live.Database],
            token);
        if (DiskNeeds.Against(FolderDisk.Ask(FolderOf(file)), size, "its disk") is { } full)
        {
            throw BackupFailed(file, full, Space, null);
        }
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    private DeployOpsException BackupFailed(string file, string why, string next, Exception? cause) =>
        new("BackupFailed", FaultKind.Failed, $"{live.Place} could not be backed up to {file}: {why}.", next, cause) { Target = file };

    // It says nothing against the backup, but it is not proven either.
    private static DeployOpsException NoScratch(string file, string why, Exception cause) =>
        new("BackupScratchFailed", FaultKind.Failed, $"The backup {file} could not be restored into a scratch database: {why}", "Then take another backup: this one is not proven.", cause) { Target = file };

    private DeployOpsException RestoreFailed(string file, string why, Exception? cause, MariaDbSwap? swap) => swap is { IsDone: true }
        ? new("RestoreFailed", FaultKind.Failed, $"{live.Place} was replaced by {file}, but not everything was tidied up: {why}. {swap.Left}", "Do not restore again for that.", cause) { Target = file }
        : new("RestoreFailed", FaultKind.Failed, $"{live.Place} could not be replaced by {file}: {why}. {swap?.Left ?? MariaDbSwap.AsBefore}", "Mend the cause, then restore again.", cause) { Target = file, IsAsBefore = swap is null || swap.Left == MariaDbSwap.AsBefore };
}
