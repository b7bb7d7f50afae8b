namespace DeployOps.Backups;

/// <summary>A database that can be copied, compared and put back.</summary>
public interface IBackupTarget
{
    /// <summary>Writes a consistent copy and returns the fingerprint of exactly the state that was copied, while others may go on writing.</summary>
    /// <param name="file">The full path of the backup; it must not exist.</param>
    /// <param name="cancellationToken">Stops it; the unfinished file is removed.</param>
    Task<DatabaseFingerprint> BackupAsync(string file, CancellationToken cancellationToken);

    /// <summary>Restores the backup into a scratch place, checks its integrity, fingerprints it, and removes it again once it was tried on.</summary>
    /// <param name="file">The full path of the backup.</param>
    /// <param name="tryOn">Is given what was restored, to do to it whatever it likes, and its fingerprint before that.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c> where it cannot be read or its integrity check fails; <c>BackupScratchFailed</c> where there is no room for the scratch place.</exception>
    Task<DatabaseFingerprint> ReadBackAsync(string file, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken);

    /// <summary>The same, telling of it while it goes on. Kinds that have nothing to tell tell nothing.</summary>
    /// <exception cref="DeployOpsException"><c>BackupProofUnknown</c> where it may not be restored now, so that nobody knows what it holds; <c>ScratchUnusable</c>.</exception>
    Task<DatabaseFingerprint> ReadBackAsync(string file, IProofObserver observer, Func<IDatabase, DatabaseFingerprint, Task> tryOn, CancellationToken cancellationToken) => ReadBackAsync(file, tryOn, cancellationToken);

    /// <summary>The same, with nothing tried on it.</summary>
    Task<DatabaseFingerprint> ReadBackAsync(string file, CancellationToken cancellationToken) => ReadBackAsync(file, (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Replaces the live database by the backup. Idempotent. Nobody may write meanwhile.</summary>
    /// <param name="file">The full path of the backup.</param>
    /// <param name="proven">What it was proven to hold: a server that restores beside the live database compares before it puts the one in the other's place.</param>
    /// <param name="cancellationToken">Stops it; the database is as it was before.</param>
    /// <exception cref="DeployOpsException"><c>RestoreFailed</c>; the database is as it was before.</exception>
    Task RestoreAsync(string file, DatabaseFingerprint proven, CancellationToken cancellationToken);

    /// <summary>
    /// The same, comparing what is about to be lost with what was counted, once nobody can write any more.
    /// </summary>
    /// <param name="file">The full path of the backup.</param>
    /// <param name="proven">What it was proven to hold.</param>
    /// <param name="terms">What was agreed, and whom it asks and tells.</param>
    /// <param name="cancellationToken">Stops it; the database is as it was before.</param>
    /// <exception cref="DeployOpsException"><c>RestoreFailed</c>; <c>RestoreLosesMore</c>, which says where what it held is.</exception>
    Task RestoreAsync(string file, DatabaseFingerprint proven, RestoreTerms terms, CancellationToken cancellationToken);

    /// <summary>What would keep a backup from being put back as things are now: to be told before there is a need to. Kinds that find nothing find nothing.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null where nothing is known.</returns>
    Task<RestoreHindrance?> FindHindranceAsync(CancellationToken cancellationToken) => Task.FromResult<RestoreHindrance?>(null);

    /// <summary>
    /// Puts right what a restore left that was killed while it replaced the live database: a database that nobody can connect to, what was dropped and not made again. Idempotent; kinds that
    /// leave nothing do nothing.
    /// </summary>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was put right, as a sentence; empty where nothing was.</returns>
    /// <exception cref="DeployOpsException"><c>RestoreInterrupted</c> where it cannot be, with what a person has to do; what the database says.</exception>
    Task<string> MendAsync(CancellationToken cancellationToken) => Task.FromResult("");

    /// <summary>What the live database holds now: to prove a restore.</summary>
    Task<DatabaseFingerprint> FingerprintAsync(CancellationToken cancellationToken);

    /// <summary>
    /// What the live database holds now, each table by the columns it had in a backup: to name what was written since, also where a migration added columns.
    /// A table that has no longer all of them is told by those it has.
    /// </summary>
    Task<DatabaseFingerprint> FingerprintAsync(DatabaseFingerprint backup, CancellationToken cancellationToken);
}
