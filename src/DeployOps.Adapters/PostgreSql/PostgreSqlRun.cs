using System.Globalization;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// A script outside of a transaction, as the history knows it statement by statement: begun before, perhaps, and to be gone on with. What is known is read in pages, so that a script
/// of any number of statements costs the memory of a page.
/// </summary>
internal sealed class PostgreSqlRun
{
    private const int Page = 1_000;
    private readonly PostgreSqlSession session;
    private readonly MigrationScript script;
    private readonly int last;
    private Dictionary<int, PostgreSqlBegunStatement> page = [];
    private int pageEnd;

    private PostgreSqlRun(PostgreSqlSession session, MigrationScript script, long id, IReadOnlyList<long> invalidBefore, int last) =>
        (this.session, this.script, Id, InvalidBefore, this.last) = (session, script, id, invalidBefore, last);

    /// <summary>Its row's number in the history.</summary>
    internal long Id { get; }

    /// <summary>The indexes that were invalid before it began.</summary>
    internal IReadOnlyList<long> InvalidBefore { get; }

    /// <summary>Finds the run that was interrupted, or begins one; it is committed when this returns.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c> where more of it is in effect than the script has statements.</exception>
    internal static async Task<PostgreSqlRun> BeginAsync(PostgreSqlSession session, MigrationScript script, string appliedBy, int statements)
    {
        var connection = session.Runner;
        var begun = await BegunAsync(connection, script, session.Abort);
        if (begun is { } other && script.IsRepeatable && !await connection.ScalarAsync<bool>("SELECT checksum = $2 FROM deployops.migration WHERE id = $1", [other, script.Checksum], session.Abort))
        {
            // Another text of it is run anew, as it may be at any time.
            await ForgetAsync(connection, other, session.Abort);
            begun = null;
        }

        var inEffect = begun is null ? 0 : await connection.ScalarAsync<int>("SELECT coalesce(max(number), 0) FROM deployops.statement WHERE migration = $1 AND state <> 'failed'", [begun], session.Abort);
        if (inEffect > statements)
        {
            throw PostgreSqlScriptErrors.Interrupted(
                script,
                1,
                string.Create(CultureInfo.InvariantCulture, $"{inEffect} statements of it are, or may be, in effect from a run that was interrupted, and now it has {statements}"),
                "Put the text back that was begun; what comes after the statements that are in effect may be corrected.");
        }

        var id = begun ?? await PostgreSqlHistory.BeginAsync(connection, script, appliedBy, session.Time.GetUtcNow(), session.Abort);
        var before = await connection.ScalarAsync<long[]>("SELECT invalid_indexes::bigint[] FROM deployops.migration WHERE id = $1", [id], session.Abort);
        // The text of what is done is checked statement by statement; the rest may have been corrected.
        await connection.ExecuteAsync("UPDATE deployops.migration SET checksum = $2, applied_by = $3, backend_pid = pg_backend_pid() WHERE id = $1", [id, script.Checksum, appliedBy], session.Abort);

        return new PostgreSqlRun(session, script, id, before ?? [], inEffect);
    }

    /// <summary>Refuses to run in one transaction what was begun outside of one; where nothing of it is done, it counts as not begun.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c>.</exception>
    internal static async Task RefuseBegunAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        if (await BegunAsync(connection, script, cancellationToken) is not { } id)
        {
            return;
        }

        var done = await connection.ScalarAsync<long>("SELECT count(*) FROM deployops.statement WHERE migration = $1 AND state <> 'failed'", [id], cancellationToken);
        if (done > 0 && !script.IsRepeatable)
        {
            throw PostgreSqlScriptErrors.Interrupted(
                script,
                1,
                string.Create(CultureInfo.InvariantCulture, $"{done} statements of it are in effect from a run outside of a transaction, and now it would run within one"),
                "Put the text back that was begun, or take those statements back by hand and delete its row from deployops.migration.");
        }

        await ForgetAsync(connection, id, cancellationToken);
    }

    /// <summary>What an earlier run left of a statement; null where it did not come to it, or where it failed and left nothing.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c> where another text of it is in effect, or may be.</exception>
    internal async Task<PostgreSqlBegunStatement?> FindAsync(int number, SqlStatement statement)
    {
        if (number > last)
        {
            return null;
        }

        if (number >= pageEnd)
        {
            await session.RunAsync(() => LoadAsync(number));
        }

        if (!page.TryGetValue(number, out var known) || known.State == "failed")
        {
            return null;
        }

        // What is repeated is unknown between its rounds, which are counted and whole; its text may be corrected.
        if ((known.IsUnknown && statement.Repetition is not null) || known.Sha256 == PostgreSqlStatementHash.Of(statement))
        {
            return known;
        }

        throw PostgreSqlScriptErrors.Interrupted(
            script,
            statement.Line,
            string.Create(CultureInfo.InvariantCulture, $"statement {number} {(known.IsDone ? "is" : "may be")} in effect from a run that was interrupted, and its text has changed since"),
            "Put the text of the statements back that are in effect; those after them may be corrected.");
    }

    /// <summary>Remembers what came of a statement: within the transaction that is open, or at once where there is none.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="line">Its line.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="state">What came of it.</param>
    /// <param name="rows">How many rows it changed.</param>
    /// <param name="fault">What the server said where it did not succeed.</param>
    internal Task RecordAsync(int number, int line, string hash, string state, long rows = 0, NpgsqlException? fault = null) => session.ExecuteOwnAsync(
        """
        INSERT INTO deployops.statement (migration, number, line, sha256, state, rows, finished_at, sqlstate, message)
        VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $5 <> 'running' THEN clock_timestamp() END, $7::text, $8::text)
        ON CONFLICT (migration, number) DO UPDATE SET line = excluded.line, sha256 = excluded.sha256, state = excluded.state, rows = excluded.rows,
            started_at = CASE WHEN excluded.state = 'running' AND excluded.message IS NULL THEN excluded.started_at ELSE statement.started_at END, finished_at = excluded.finished_at,
            sqlstate = excluded.sqlstate, message = excluded.message
        """,
        [Id, number, line, hash, state, rows, fault?.SqlState, fault is null ? null : PostgreSqlErrors.Words(fault)]);

    private async Task<bool> LoadAsync(int from)
    {
        var rows = await session.Runner.QueryAsync(
            "SELECT number, sha256, state, sqlstate, message FROM deployops.statement WHERE migration = $1 AND number >= $2 AND number < $3",
            [Id, from, from + Page],
            row => (Number: row.GetInt32(0), Known: new PostgreSqlBegunStatement(row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3), row.IsDBNull(4) ? null : row.GetString(4))),
            session.Abort);
        page = rows.ToDictionary(row => row.Number, row => row.Known);
        pageEnd = from + Page;
        return true;
    }

    private static Task<int> ForgetAsync(NpgsqlConnection connection, long run, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("DELETE FROM deployops.migration WHERE id = $1", [run], cancellationToken);

    private static async Task<long?> BegunAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        var ids = await connection.QueryAsync(
            "SELECT id FROM deployops.migration WHERE version = $1 AND undo = $2 AND state = 'running'", [script.Version.ToString(), script.IsUndo], row => row.GetInt64(0), cancellationToken);
        return ids.Count == 0 ? null : ids[0];
    }
}
