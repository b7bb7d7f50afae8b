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
    /// <inheritdoc/>
    public Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            using var session = SqliteSession.Open(file, SqliteAccess.Read, jobs.Time, token);
            try
            {
                session.Execute("BEGIN");
                return SqliteHistory.Read(session);
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
    /// <c>MigrationScriptFailed</c>, <c>MigrationScriptTimeout</c>, <c>MigrationScriptUnsupported</c>, <c>MigrationAlreadyApplied</c>, <c>MigrationBusy</c>,
    /// <c>DatabaseBusy</c>, <c>DatabaseDiskFailed</c> or <c>DatabaseUnreachable</c>; nothing of the script is left in any of them.
    /// </exception>
    public Task ApplyAsync(MigrationScript script, string appliedBy, IMigrationObserver observer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(observer);
        return ChangeAsync(
            script,
            async (session, isInHistory, token) =>
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
                RunScript(session, script, observer);
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
            (session, isInHistory, _) =>
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

                RunScript(session, undo, new SilentObserver());
                SqliteHistory.Remove(session, undo.Version);
                return Task.CompletedTask;
            },
            cancellationToken);
    }

    private Task ChangeAsync(MigrationScript script, Func<SqliteSession, bool, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        MigrationLint.Check(script);
        return jobs.RunAsync(
            async token =>
            {
                using var runner = SqliteRunnerLock.Take(file, jobs.Time);
                using var session = SqliteSession.Open(file, SqliteAccess.Write, jobs.Time, token);
                Begin(session);
                try
                {
                    await change(session, SqliteHistory.Read(session).Any(row => row.Version == script.Version && (!script.IsRepeatable || row.IsOf(script))), token);
                    session.Commit();
                    return true;
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

    private static void RunScript(SqliteSession session, MigrationScript script, IMigrationObserver observer)
    {
        var before = SqliteForeignKeys.Read(session);
        session.ExecuteScript(script.Statements(SqlDialect.Sqlite), observer.Did);
        if (SqliteForeignKeys.Read(session).WorseThan(before) is { } orphans)
        {
            throw Failed(script, line: null, $"foreign keys are violated that were not before: {orphans}");
        }
    }

    private static DeployOpsException Failed(MigrationScript script, int? line, string words) => new(
        "MigrationScriptFailed",
        FaultKind.Failed,
        $"{script.FileName}{(line is null ? "" : $":{line}")}: {words}. Nothing of the script is left.",
        "Correct the script or the data.")
    { Target = script.FileName };
}
