using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>
/// Copies one database over another by SQLite's backup API, as one transaction of the target. From a session that is in a read transaction it
/// copies that snapshot: in WAL mode writers go on meanwhile, with a rollback journal they wait at their commit.
/// </summary>
internal static class SqliteCopy
{
    // A few megabytes between two looks at the token.
    private const int PagesAStep = 1_000;

    /// <summary>Copies everything. A copy that does not end leaves the target as it was.</summary>
    /// <exception cref="SqliteFault">SQLite refused.</exception>
    /// <param name="source">What is copied.</param>
    /// <param name="target">What is replaced.</param>
    /// <param name="time">The clock.</param>
    /// <param name="token">Stops it.</param>
    /// <param name="locked">Runs when nobody else can write to the target any more and nothing is copied yet.</param>
    internal static void Run(SqliteSession source, SqliteSession target, TimeProvider time, CancellationToken token, Action? locked = null)
    {
        using var backup = raw.sqlite3_backup_init(target.Handle, "main", source.Handle, "main");
        if (backup.IsInvalid)
        {
            target.Check(raw.sqlite3_errcode(target.Handle));
        }

        var started = time.GetTimestamp();
        while (true)
        {
            token.ThrowIfCancellationRequested();
            // A step of no pages does nothing but lock.
            var code = raw.sqlite3_backup_step(backup, locked is null ? PagesAStep : 0);
            if (code == raw.SQLITE_OK && locked is not null)
            {
                locked();
                locked = null;
            }

            if (code == raw.SQLITE_DONE)
            {
                return;
            }

            if (code == raw.SQLITE_OK)
            {
                started = time.GetTimestamp();
            }
            else if (!target.MayRetry(code, started))
            {
                // The step's own code says why; the connection learns of it when the copy is finished.
                throw new SqliteFault(code, raw.sqlite3_errstr(code).utf8_to_string());
            }
        }
    }
}
