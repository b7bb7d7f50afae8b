using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Dumps a live database under the snapshot that its fingerprint is read in, proves dumps by restoring them into a database of their own, and puts one back
/// by restoring it beside the live database and exchanging the two by name.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="proof">Where dumps are proven.</param>
/// <param name="jobs">Where the work runs.</param>
/// <param name="open">Opens a scratch copy, to be tried on within limits.</param>
internal sealed class PostgreSqlBackups(PostgreSqlServer live, PostgreSqlProof proof, DatabaseJobs jobs, Func<PostgreSqlServer, Migrations.Watching.MigrationLimits, IDatabase> open) : IBackupTarget
{
    private const string Space = "Free space, or choose a folder on another disk.";

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>BackupFailed</c>, <c>BackupToolMissing</c>, <c>BackupToolTooOld</c>, <c>DatabaseBusy</c>, <c>DatabaseConnectionLost</c>, <c>DatabaseReadFailed</c>, <c>DatabaseUnreachable</c> or <c>ScratchUnusable</c>; no file is left.</exception>
    public Task<DatabaseFingerprint> BackupAsync(string file, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            try
            {
                // What cannot be proven afterwards need not be dumped.
                await proof.RefuseUnusableAsync(token);
                return await OnLiveAsync(
                    () => WholeFile.WriteAsync(file, partial => DiskFloor.KeepAsync(FolderOf(file), jobs.Time, stop => DumpAsync(partial, stop), why => BackupFailed(file, why, Space, null), token)), token);
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlErrors.Of(live, e);
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
                await using var scratch = await OnLiveAsync(() => proof.RestoreAsync(file, observer, token), token);
                observer.Progress("comparing the restored backup");
                var restored = await FingerprintAsync(scratch.Server, null, token);
                await using var copy = open(scratch.Server, proof.LimitsThere);
                await tryOn(copy, restored);
                return restored;
            }
            catch (DeployOpsException e) when (e.ErrorId is "DatabaseConnectionLost" or "DatabaseBusy")
            {
                throw NoScratch(file, e.Message, e);
            }
            catch (NpgsqlException e)
            {
                throw NoScratch(file, $"{PostgreSqlErrors.Words(e)}. Check the account's right to create databases, and the server's disk.", e);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(string file, DatabaseFingerprint proven, CancellationToken cancellationToken) => RestoreAsync(file, proven, new RestoreTerms(), cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(string file, DatabaseFingerprint proven, RestoreTerms terms, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            PostgreSqlScratch? copy = null;
            try
            {
                await RefuseHinderedAsync(token);
                await using var beside = copy = await PostgreSqlScratch.BesideAsync(live, terms.Warn, token);
                terms.Progress("filling the copy");
                await beside.FillAsync(file, token);
                terms.Progress("comparing the copy");
                var comparison = BackupComparison.Compare($"restore of {live.Database}", proven, await FingerprintAsync(beside.Server, null, token));
                if (comparison.Verdict != Gates.GateVerdict.Pass)
                {
                    throw RestoreFailed(file, $"what was restored is not what was proven: {comparison.Detail}", null, copy);
                }

                if (await HiddenMappingsAsync(beside.Server, token) is { Count: > 0 } hidden)
                {
                    terms.Warn($"{live.Place} logs in to foreign servers ({string.Join(", ", hidden)}) by options that this account may not see, such as passwords: a backup that it took does not hold them. Give them by ALTER USER MAPPING … OPTIONS once it is restored.");
                }

                var losses = terms.Agreed is { } agreed ? new PostgreSqlLosses(live, agreed, proven, terms.Warn) : null;
                await (losses?.LookAsync(token) ?? Task.CompletedTask);
                terms.Progress("exchanging");
                await beside.TakePlaceAsync(losses is null ? null : (connection, others) => losses.LookAgainAsync(connection, others, token), terms.BeforeReplacing, token);
                return true;
            }
            catch (NpgsqlException e)
            {
                throw RestoreFailed(file, PostgreSqlErrors.Words(e), PostgreSqlErrors.Cause(e), copy);
            }
            catch (DeployOpsException e) when (e.ErrorId is "BackupCorrupt" or "BackupScratchFailed" or "DatabaseBusy" or "DatabaseConnectionLost")
            {
                throw RestoreFailed(file, e.Fact.TrimEnd('.'), e, copy);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> FingerprintAsync(CancellationToken cancellationToken) => jobs.RunAsync(token => OnLiveAsync(() => FingerprintAsync(live, null, token), token), cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> FingerprintAsync(DatabaseFingerprint backup, CancellationToken cancellationToken) => jobs.RunAsync(token => OnLiveAsync(() => FingerprintAsync(live, backup, token), token), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<RestoreHindrance?> FindHindranceAsync(CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            try
            {
                return await OnLiveAsync(() => FindHindranceAsync(live, token), token);
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlErrors.Of(live, e);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<string> MendAsync(CancellationToken cancellationToken) => jobs.RunAsync(
        async token => await PostgreSqlExchange.OpenLeftClosedAsync(live, token) ? $"A restore of {live.Place} did not end and had closed it: it was opened again." : "", cancellationToken);

    // Before a copy is made, which may take hours; it is looked again before the exchange. The live database need not be there.
    private async Task RefuseHinderedAsync(CancellationToken token)
    {
        if (await FindHindranceAsync(live.At("postgres"), token) is { } hindrance)
        {
            throw PostgreSqlHindrance.Refusal(live, hindrance);
        }
    }

    private async Task<RestoreHindrance?> FindHindranceAsync(PostgreSqlServer server, CancellationToken token)
    {
        await using var connection = await server.OpenAsync("restore", token);
        return await PostgreSqlHindrance.FindAsync(connection, live.Database, PostgreSqlHindrance.Moments, token);
    }

    // A run that was killed at the exchange left it closed: it is opened, since whoever goes on, or back, has to look at it first.
    private async Task<T> OnLiveAsync<T>(Func<Task<T>> work, CancellationToken token)
    {
        try
        {
            return await work();
        }
        catch (DeployOpsException e) when (e.ErrorId == "DatabaseUnreachable")
        {
            if (!await PostgreSqlExchange.OpenLeftClosedAsync(live, token))
            {
                throw;
            }

            return await work();
        }
    }

    private static async Task<DatabaseFingerprint> FingerprintAsync(PostgreSqlServer server, DatabaseFingerprint? like, CancellationToken token)
    {
        await using var connection = await server.OpenAsync("fingerprint", token);
        try
        {
            await PostgreSqlFingerprints.BeginAsync(connection, token);
            return await PostgreSqlFingerprints.ReadAsync(connection, like, token);
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Of(server, e);
        }
    }

    private static async Task<IReadOnlyList<string>> HiddenMappingsAsync(PostgreSqlServer restored, CancellationToken token)
    {
        await using var connection = await restored.OpenAsync("restore", token);
        return await PostgreSqlUserMappings.HiddenAsync(connection, token);
    }

    private async Task<DatabaseFingerprint> DumpAsync(string file, CancellationToken token)
    {
        var environment = live.Environment();
        await using var connection = await live.OpenAsync("backup", token);
        var dump = await PostgreSqlTool.FindAsync("pg_dump", connection.PostgreSqlVersion.Major, token);
        if (await PostgreSqlRoom.ForArchiveAsync(connection, FolderOf(file), token) is { } full)
        {
            throw BackupFailed(file, full, Space, null);
        }

        await PostgreSqlFingerprints.BeginAsync(connection, token);
        var snapshot = await connection.ScalarAsync<string>("SELECT pg_export_snapshot()", [], token);
        var fingerprint = await PostgreSqlFingerprints.ReadAsync(connection, null, token);
        var refusal = await dump.RunAsync(environment, null, token, "--format=custom", $"--snapshot={snapshot}", "--no-password", "--lock-wait-timeout=30s", $"--file={file}");
        if (refusal is not null)
        {
            throw BackupFailed(file, refusal, "Check the account's rights, the disk's space and the server's log.", null);
        }

        var moved = await PostgreSqlFingerprints.SequencesAsync(connection, token);
        return moved.SequenceEqual(fingerprint.Sequences) ? fingerprint : fingerprint with { Sequences = await new PostgreSqlDumpedSequences(connection.PostgreSqlVersion.Major).ReadAsync(file, fingerprint.Sequences, token) };
    }

    private static string FolderOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file))!;

    private DeployOpsException BackupFailed(string file, string why, string next, Exception? cause) =>
        new("BackupFailed", FaultKind.Failed, $"{live.Place} could not be backed up to {file}: {why}.", next, cause) { Target = file };

    // It says nothing against the backup, but it is not proven either.
    private static DeployOpsException NoScratch(string file, string why, Exception cause) =>
        new("BackupScratchFailed", FaultKind.Failed, $"The backup {file} could not be restored into a scratch database: {why}", "Then take another backup: this one is not proven.", cause) { Target = file };

    private DeployOpsException RestoreFailed(string file, string why, Exception? cause, PostgreSqlScratch? copy) => copy is { HasTakenPlace: true }
        ? new("RestoreFailed", FaultKind.Failed, $"{live.Place} was replaced by {file}, but not everything was tidied up: {why}.", "Do not restore again for that: the next backup that is proven or restored there drops what is left.", cause) { Target = file }
        : new("RestoreFailed", FaultKind.Failed, $"{live.Place} could not be replaced by {file}: {why}. It is as it was before.", "Mend the cause, then restore again.", cause) { Target = file, IsAsBefore = true };
}
