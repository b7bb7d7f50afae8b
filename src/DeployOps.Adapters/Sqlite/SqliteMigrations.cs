using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Sqlite;

/// <summary>Applies and reverts scripts, each in one transaction together with its history row.</summary>
/// <param name="file">The database.</param>
/// <param name="scriptTimeout">How long one script may run.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class SqliteMigrations(SqliteFile file, TimeSpan scriptTimeout, DatabaseJobs jobs) : IMigrationTarget
{
    private readonly PlannedHistory planned = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            using var session = SqliteSession.Open(file, SqliteAccess.Read, jobs.Time, token);
            try
            {
                session.Execute("BEGIN");
                var rows = SqliteHistory.Read(session);
                planned.Read(rows.Count);
                return rows;
            }
            catch (SqliteFault fault)
            {
                throw SqliteErrors.Of(file, fault);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task EnsureHistoryAsync(CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            using var session = SqliteSession.Open(file, SqliteAccess.Write, jobs.Time, token);
            try
            {
                SqliteHistory.Ensure(session);
                return true;
            }
            catch (SqliteFault fault)
            {
                throw SqliteErrors.Of(file, fault);
            }
        },
        cancellationToken);

    /// <inheritdoc/>
    public bool IsBookkeeping(string table) => table is SqliteHistory.Table or "sqlite_sequence";

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationScriptFailed</c>, <c>MigrationScriptTimeout</c>, <c>MigrationScriptUnsupported</c>, <c>MigrationAlreadyApplied</c>, <c>MigrationHistoryChanged</c>, <c>MigrationBusy</c>,
    /// <c>DatabaseBusy</c>, <c>DatabaseDiskFailed</c> or <c>DatabaseUnreachable</c>; nothing of the script is left in any of them.
    /// </exception>
    public Task ApplyAsync(MigrationScript script, string appliedBy, IMigrationObserver observer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(observer);
        return ChangeAsync(
            script,
            async (session, isInHistory, before, token) =>
            {
                if (isInHistory)
                {
                    throw new DeployOpsException(
                        "MigrationAlreadyApplied",
                        FaultKind.InvalidOperation,
                        $"{script.FileName}: {(script.IsRepeatable ? "this text" : $"version {script.Version}")} is in the history of {file.Path} already.",
                        "See what is pending with -WhatIf: somebody else applied it meanwhile.")
                    { Target = script.FileName };
                }

                var started = jobs.Time.GetTimestamp();
                RunScript(session, script, observer, before, token);
                await (observer.BeforeCommit?.Invoke(new SqliteOpenTransaction(session), token) ?? Task.CompletedTask);
                SqliteHistory.Add(session, script, appliedBy, jobs.Time.GetUtcNow(), jobs.Time.GetElapsedTime(started));
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException">Those of <see cref="ApplyAsync"/>, and <c>MigrationNotApplied</c> where there is nothing to undo.</exception>
    public Task RevertAsync(MigrationScript undo, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(undo);
        return ChangeAsync(
            undo,
            (session, isInHistory, before, token) =>
            {
                if (!isInHistory)
                {
                    throw new DeployOpsException(
                        "MigrationNotApplied",
                        FaultKind.InvalidOperation,
                        $"{undo.FileName}: version {undo.Version} is not in the history of {file.Path}.",
                        "There is nothing to undo.")
                    { Target = undo.FileName };
                }

                RunScript(session, undo, new SilentObserver(), before, token);
                SqliteHistory.Remove(session, undo.Version);
                return Task.CompletedTask;
            },
            cancellationToken);
    }

    private Task ChangeAsync(MigrationScript script, Func<SqliteSession, bool, SqliteForeignKeys?, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        MigrationLint.Check(script);
        return jobs.RunAsync(
            async token =>
            {
                using var runner = SqliteRunnerLock.Take(file, jobs.Time);
                if (!await TryAsync(script, change, looksFirst: false, token))
                {
                    await TryAsync(script, change, looksFirst: true, token);
                }

                return true;
            },
            scriptTimeout,
            () => new DeployOpsException(
                "MigrationScriptTimeout",
                FaultKind.Timeout,
                $"{script.FileName} did not finish within {scriptTimeout} and was stopped; nothing of it is left.",
                "Split the script or, where a plan names the database, raise its ScriptTimeout.")
            { Target = script.FileName },
            cancellationToken);
    }

    // False where nothing was changed, since what pointed to nothing before would have had to be looked at first.
    private async Task<bool> TryAsync(MigrationScript script, Func<SqliteSession, bool, SqliteForeignKeys?, CancellationToken, Task> change, bool looksFirst, CancellationToken token)
    {
        using var session = SqliteSession.Open(file, SqliteAccess.Write, jobs.Time, token);
        Begin(session);
        try
        {
            var before = looksFirst ? SqliteForeignKeys.Read(session) : null;
            var rows = SqliteHistory.Read(session);
            var isInHistory = rows.Any(row => row.Version == script.Version && (!script.IsRepeatable || row.IsOf(script)));
            if (!isInHistory)
            {
                planned.Require(script, rows.Count);
            }

            await change(session, isInHistory, before, token);
            session.Commit();
            planned.Adds(rows.Count + 1);
            return true;
        }
        catch (BeforeUnseenException)
        {
            return false;
        }
        catch (SqliteFault fault) when (fault.IsBusy || fault.IsDisk)
        {
            // Nothing is wrong with the script.
            throw SqliteErrors.Of(file, fault);
        }
        catch (SqliteFault fault)
        {
            throw Failed(script, fault.Line, fault.Message);
        }
    }

    private void Begin(SqliteSession session)
    {
        try
        {
            session.Execute("BEGIN IMMEDIATE");
        }
        catch (SqliteFault fault)
        {
            throw SqliteErrors.Of(file, fault);
        }
    }

    private void RunScript(SqliteSession session, MigrationScript script, IMigrationObserver observer, SqliteForeignKeys? before, CancellationToken token)
    {
        session.ExecuteScript(script.Statements(SqlDialect.Sqlite), observer.Did);
        var after = SqliteForeignKeys.Read(session);
        // Where no row points to nothing, it does not matter what did before.
        if (!after.IsWhole && after.WorseThan(before ?? ReadBefore(token)) is { } orphans)
        {
            throw Failed(script, line: null, $"foreign keys are violated that were not before: {orphans}");
        }
    }

    // Others see what was there before as long as nothing is committed, unless with a rollback journal so much was changed that some of it is written to the file already.
    private SqliteForeignKeys ReadBefore(CancellationToken token)
    {
        try
        {
            using var session = SqliteSession.Open(file with { BusyTimeout = TimeSpan.Zero }, SqliteAccess.Read, jobs.Time, token);
            session.Execute("BEGIN");
            return SqliteForeignKeys.Read(session);
        }
        catch (Exception e) when (e is SqliteFault { IsBusy: true } or DeployOpsException { ErrorId: "DatabaseBusy" })
        {
            throw new BeforeUnseenException();
        }
    }

    private static DeployOpsException Failed(MigrationScript script, int? line, string words) => new(
        "MigrationScriptFailed",
        FaultKind.Failed,
        $"{script.FileName}{(line is null ? "" : $":{line}")}: {words}. Nothing of the script is left.",
        "Correct the script or the data.")
    { Target = script.FileName };

    /// <summary>Nobody can be shown any more what was there before a script.</summary>
    private sealed class BeforeUnseenException : Exception;
}
