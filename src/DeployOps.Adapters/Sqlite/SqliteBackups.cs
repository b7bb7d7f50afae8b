using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>Copies a live database together with the fingerprint of exactly that state, proves copies and puts them back.</summary>
/// <param name="live">The database.</param>
/// <param name="jobs">Where the work runs.</param>
/// <param name="open">Opens a scratch copy, to be tried on.</param>
internal sealed class SqliteBackups(SqliteFile live, DatabaseJobs jobs, Func<SqliteFile, IDatabase> open) : IBackupTarget
{
    private const int ShownProblems = 3;

    // The backup, and the copy of it beside it that proves it.
    private const int CopiesOnDisk = 2;

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>BackupFailed</c>, <c>DatabaseBusy</c> or <c>DatabaseUnreachable</c>; no file is left.</exception>
    public Task<DatabaseFingerprint> BackupAsync(string file, CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            // Under another name until it is whole, so that a backup that exists is a finished one, also after a kill.
            var partial = live.At(file + ".partial");
            try
            {
                // What a killed run left takes room that the next one needs.
                DeleteIfThere(partial);
                var fingerprint = Copy(file, partial, token);
                File.Move(partial.Path, file);
                return fingerprint;
            }
            catch (SqliteFault fault)
            {
                throw fault.IsBusy ? SqliteErrors.Of(live, fault) : Failed("BackupFailed", $"{live.Path} could not be copied to {file}: {fault.Message}.", "Check the disk's space and the database.", file, fault);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Failed("BackupFailed", $"The backup {file} could not be written: {e.Message}", "Check the folder, its permissions and the disk's space.", file, e);
            }
            finally
            {
                DeleteIfThere(partial);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> ReadBackAsync(string file, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            if (!File.Exists(file))
            {
                throw Corrupt(file, "it does not exist");
            }

            var scratch = live.At(file + ".scratch");
            if (DiskNeeds.Against(FolderDisk.Ask(Path.GetDirectoryName(file)!), new FileInfo(file).Length, "its disk") is { } full)
            {
                throw NoScratch(file, $"{full}.", null);
            }

            try
            {
                scratch.CreatePrivate();
                var restored = Prove(file, scratch, token);
                await using var copy = open(scratch);
                await tryOn(copy, restored);
                return restored;
            }
            catch (SqliteFault fault) when (fault.IsDisk)
            {
                throw NoScratch(file, SqliteErrors.Of(scratch, fault).Message, fault);
            }
            catch (SqliteFault fault)
            {
                throw Corrupt(file, fault.Message);
            }
            catch (DeployOpsException e) when (e.ErrorId is "DatabaseDiskFailed")
            {
                throw NoScratch(file, e.Message, e);
            }
            catch (DeployOpsException e) when (e.ErrorId is "DatabaseUnreachable" or "DatabaseReadFailed")
            {
                throw Corrupt(file, e.Message.TrimEnd('.'));
            }
            finally
            {
                DeleteIfThere(scratch);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(string file, DatabaseFingerprint proven, CancellationToken cancellationToken) => RestoreAsync(file, proven, new RestoreTerms(), cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(string file, DatabaseFingerprint proven, RestoreTerms terms, CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            try
            {
                using var source = SqliteSession.Open(live.At(file), SqliteAccess.ReadFrozen, jobs.Time, token);
                using var target = SqliteSession.Open(live, SqliteAccess.Create, jobs.Time, token);
                Replace(source, target, now => RefuseMore(terms.Agreed, now, terms.Warn), terms.BeforeReplacing, terms.Agreed is null ? null : proven, token);
                return true;
            }
            catch (SqliteFault fault)
            {
                throw Failed(
                    "RestoreFailed",
                    $"{live.Path} could not be replaced by {file}: {fault.Message}. It is as it was before.",
                    fault.IsBusy ? "Stop what holds it, then restore again." : "Check the disk's space and permissions, then restore again.",
                    file,
                    fault,
                    isAsBefore: true);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> FingerprintAsync(CancellationToken cancellationToken) => FingerprintLiveAsync(null, cancellationToken);

    /// <inheritdoc/>
    public Task<DatabaseFingerprint> FingerprintAsync(DatabaseFingerprint backup, CancellationToken cancellationToken) => FingerprintLiveAsync(backup, cancellationToken);

    private Task<DatabaseFingerprint> FingerprintLiveAsync(DatabaseFingerprint? like, CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            using var session = SqliteSession.Open(live, SqliteAccess.Read, jobs.Time, token);
            try
            {
                session.Execute("BEGIN");
                return SqliteFingerprints.Read(session, like);
            }
            catch (SqliteFault fault)
            {
                throw SqliteErrors.Of(live, fault);
            }
        },
        cancellationToken);

    // Counted where nobody can write from then on until it is replaced: in WAL mode others may read what is being replaced, with a rollback journal only whoever replaces it.
    private void Replace(SqliteSession source, SqliteSession target, Action<DatabaseFingerprint> check, Action beforeReplacing, DatabaseFingerprint? proven, CancellationToken token)
    {
        if (proven is null)
        {
            SqliteCopy.Run(source, target, jobs.Time, token, beforeReplacing);
            return;
        }

        var journal = "";
        target.Query("PRAGMA journal_mode", row => journal = raw.sqlite3_column_text(row, 0).utf8_to_string());
        if (journal == "wal")
        {
            SqliteCopy.Run(source, target, jobs.Time, token, () =>
            {
                using var reader = SqliteSession.Open(live, SqliteAccess.Read, jobs.Time, token);
                reader.Execute("BEGIN");
                check(SqliteFingerprints.Read(reader, proven));
                beforeReplacing();
            });
            return;
        }

        // The lock outlives the transaction.
        target.Execute("PRAGMA locking_mode = EXCLUSIVE");
        target.Execute("BEGIN EXCLUSIVE");
        check(SqliteFingerprints.Read(target, proven));
        target.Execute("COMMIT");
        SqliteCopy.Run(source, target, jobs.Time, token, beforeReplacing);
    }

    private void RefuseMore(AgreedLoss? agreed, DatabaseFingerprint now, Action<string> warn)
    {
        if (LossCheck.More(Path.GetFileName(live.Path), agreed, now) is not { Count: > 0 } more)
        {
            return;
        }

        var others = FileHolders.Of(live.Path);
        if (agreed is not { AlsoLater: true })
        {
            throw LossCheck.Refusal(live.Path, more, others, "It is as it was before.", isAsBefore: true);
        }

        warn(LossCheck.Accepted(more, others));
    }

    private DatabaseFingerprint Copy(string file, SqliteFile partial, CancellationToken token)
    {
        using var source = SqliteSession.Open(live, SqliteAccess.Read, jobs.Time, token);
        source.Execute("BEGIN");
        if (DiskNeeds.Against(FolderDisk.Ask(Path.GetDirectoryName(file)!), CopiesOnDisk * Number(source, "PRAGMA page_count") * Number(source, "PRAGMA page_size"), "its disk") is { } full)
        {
            throw Failed("BackupFailed", $"{live.Path} could not be copied to {file}: {full}.", "Free space, or choose a folder on another disk.", file, null);
        }

        var fingerprint = SqliteFingerprints.Read(source);
        partial.CreatePrivate();
        using var target = SqliteSession.Open(partial, SqliteAccess.Write, jobs.Time, token);
        SqliteCopy.Run(source, target, jobs.Time, token);

        return fingerprint;
    }

    private static long Number(SqliteSession session, string pragma)
    {
        var number = 0L;
        session.Query(pragma, row => number = raw.sqlite3_column_int64(row, 0));
        return number;
    }

    private DatabaseFingerprint Prove(string file, SqliteFile scratch, CancellationToken token)
    {
        using (var source = SqliteSession.Open(live.At(file), SqliteAccess.ReadFrozen, jobs.Time, token))
        using (var target = SqliteSession.Open(scratch, SqliteAccess.Write, jobs.Time, token))
        {
            SqliteCopy.Run(source, target, jobs.Time, token);
        }

        using var session = SqliteSession.Open(scratch, SqliteAccess.Write, jobs.Time, token);
        var problems = new List<string>();
        session.Query("PRAGMA integrity_check", row => problems.Add(raw.sqlite3_column_text(row, 0).utf8_to_string()));
        if (problems is not ["ok"])
        {
            throw Corrupt(file, $"integrity check: {string.Join("; ", problems.Take(ShownProblems))}");
        }

        return SqliteFingerprints.Read(session);
    }

    private static void DeleteIfThere(SqliteFile file)
    {
        if (Directory.Exists(Path.GetDirectoryName(file.Path)))
        {
            file.Delete();
            // Nobody else knows of the scratch place, so nobody can wait for its lock.
            File.Delete(SqliteRunnerLock.PathOf(file));
        }
    }

    private static DeployOpsException Corrupt(string file, string why) =>
        Failed("BackupCorrupt", $"The backup {file} cannot be restored: {why}.", "Do not rely on it. Check the disk, then take another one.", file, null);

    // A full disk says nothing against the backup, but it is not proven either.
    private static DeployOpsException NoScratch(string file, string why, Exception? cause) =>
        Failed("BackupScratchFailed", $"The backup {file} could not be restored into a scratch place beside it: {why}", "Then take another backup: this one is not proven.", file, cause);

    private static DeployOpsException Failed(string id, string message, string next, string file, Exception? cause, bool isAsBefore = false) =>
        new(id, FaultKind.Failed, message, next, cause) { Target = file, IsAsBefore = isAsBefore };
}
