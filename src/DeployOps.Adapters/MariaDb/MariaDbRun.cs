using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A script outside of a transaction, as the history knows it statement by statement: begun before, perhaps, and to be gone on with. What is known is read in pages, so that a script of
/// any number of statements costs the memory of a page.
/// </summary>
internal sealed class MariaDbRun
{
    private const int Page = 1_000;
    private readonly MariaDbHistory history;
    private readonly MigrationScript script;
    private readonly int last;
    private Dictionary<int, (string Sha256, string State, string Before)> begun = [];
    private int pageEnd;

    private MariaDbRun(long id, MariaDbHistory history, MigrationScript script, int last, bool isResumed) => (Id, this.history, this.script, this.last, IsResumed) = (id, history, script, last, isResumed);

    /// <summary>Its row's number in the history.</summary>
    internal long Id { get; }

    /// <summary>Whether an earlier run did some of it, in a session of its own.</summary>
    internal bool IsResumed { get; }

    /// <summary>Finds the run that was interrupted, or begins one; it is committed when this returns. A repeatable script, which may be run again at any time, begins anew.</summary>
    internal static async Task<MariaDbRun> BeginAsync(MySqlConnection connection, MariaDbHistory history, MigrationScript script, string appliedBy, DateTimeOffset now)
    {
        var earlier = await BegunAsync(connection, history, script);
        if (earlier is { } begun && script.IsRepeatable)
        {
            await ForgetAsync(connection, history, begun);
            earlier = null;
        }

        var id = earlier ?? await history.BeginAsync(connection, script, appliedBy, transactional: false, now, CancellationToken.None);
        var known = await connection.QueryAsync(
            $"SELECT IFNULL(MAX(number), 0), IFNULL(SUM(state = 'done'), 0) FROM {history.Statements} WHERE migration = @p0", [id], row => (Last: (int)row.Number(0), Done: row.Number(1)), CancellationToken.None);
        // The text of what is done is checked statement by statement; the rest may have been corrected.
        await connection.ExecuteAsync(
            $"UPDATE {history.Migrations} SET checksum = @p1, applied_by = @p2, account = USER(), connection_id = CONNECTION_ID() WHERE id = @p0", [id, script.Checksum, appliedBy], CancellationToken.None);

        return new MariaDbRun(id, history, script, known[0].Last, known[0].Done > 0);
    }

    /// <summary>Whether what there is to know of a statement was read; they are asked for in order.</summary>
    internal bool Knows(int number) => number < pageEnd || number > last;

    /// <summary>Reads what is known of a statement and those behind it.</summary>
    internal async Task TurnToAsync(MySqlConnection connection, int number)
    {
        var rows = await connection.QueryAsync(
            $"SELECT number, sha256, state, definition_before FROM {history.Statements} WHERE migration = @p0 AND number >= @p1 AND number < @p2",
            [Id, number, number + Page],
            row => (Number: row.GetInt32(0), Sha256: row.GetString(1), State: row.GetString(2), Before: row.Text(3)),
            CancellationToken.None);
        begun = rows.ToDictionary(row => row.Number, row => (row.Sha256, row.State, row.Before));
        pageEnd = number + Page;
    }

    /// <summary>Refuses to run in one transaction what was begun outside of one; where nothing of it is done, it counts as not begun.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c>.</exception>
    internal static async Task RefuseBegunAsync(MySqlConnection connection, MariaDbHistory history, MigrationScript script)
    {
        if (await BegunAsync(connection, history, script) is not { } id)
        {
            return;
        }

        var done = await connection.NumberAsync($"SELECT COUNT(*) FROM {history.Statements} WHERE migration = @p0 AND state <> 'failed'", [id], CancellationToken.None);
        if (done > 0 && !script.IsRepeatable)
        {
            throw ScriptErrors.Interrupted(
                script,
                1,
                string.Create(CultureInfo.InvariantCulture, $"{done} statements of it are in effect from a run outside of a transaction, and now it would run within one"),
                "Put the text back that was begun, or take those statements back by hand and delete its row from deployops_migration.");
        }

        await ForgetAsync(connection, history, id);
    }

    /// <summary>Whether a statement is in effect already.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c> where another text of it is.</exception>
    internal bool IsDone(int number, SqlStatement statement)
    {
        if (!begun.TryGetValue(number, out var row) || row.State != "done")
        {
            return false;
        }

        return row.Sha256 == Hash(statement)
            ? true
            : throw ScriptErrors.Interrupted(
                script,
                statement.Line,
                string.Create(CultureInfo.InvariantCulture, $"statement {number} is in effect from a run that was interrupted, and its text has changed since"),
                "Put the text of the statements back that are in effect; those after them may be corrected.");
    }

    /// <summary>Whether an earlier run ended while this statement ran, so that nobody knows what came of it.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c> where it was another text: what came of that one cannot be told by this one.</exception>
    internal bool IsUnknown(int number, SqlStatement statement)
    {
        if (!begun.TryGetValue(number, out var row) || row.State != "running")
        {
            return false;
        }

        return row.Sha256 == Hash(statement)
            ? true
            : throw ScriptErrors.Interrupted(
                script,
                statement.Line,
                string.Create(CultureInfo.InvariantCulture, $"an earlier run ended while statement {number} ran, and its text has changed since"),
                "Put its text back; or see whether it took effect, take that back by hand, and delete its row from deployops_statement.");
    }

    /// <summary>The definition of a statement's subject as it was before an earlier run began the statement; empty where it is not known.</summary>
    internal string Before(int number) => begun.TryGetValue(number, out var row) ? row.Before : "";

    /// <summary>Remembers what came of a statement: within the transaction that is open, or at once where there is none.</summary>
    internal Task RecordAsync(MySqlConnection connection, int number, SqlStatement statement, string state, long rows = 0, string? before = null, MySqlException? fault = null) =>
        RecordAsync(connection, new MariaDbDoneStatement(number, statement.Line, Hash(statement), rows), state, before, fault);

    /// <summary>The same of one whose text is not at hand any more.</summary>
    internal async Task RecordAsync(MySqlConnection connection, MariaDbDoneStatement statement, string state, string? before = null, MySqlException? fault = null)
    {
        await connection.ExecuteAsync(
            $"""
            INSERT INTO {history.Statements} (migration, number, line, sha256, state, touched, definition_before, finished_at, error, message)
            VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, IF(@p4 = 'running', NULL, UTC_TIMESTAMP(6)), @p7, @p8)
            ON DUPLICATE KEY UPDATE line = VALUES(line), sha256 = VALUES(sha256), touched = VALUES(touched), definition_before = VALUES(definition_before),
                started_at = IF(VALUES(state) = 'running', UTC_TIMESTAMP(6), started_at), finished_at = VALUES(finished_at), state = VALUES(state), error = VALUES(error), message = VALUES(message)
            """,
            [Id, statement.Number, statement.Line, statement.Hash, state, statement.Rows, before, fault?.Number, fault is null ? null : MariaDbErrors.Words(fault)],
            CancellationToken.None);
    }

    private static async Task ForgetAsync(MySqlConnection connection, MariaDbHistory history, long id)
    {
        await connection.ExecuteAsync($"DELETE FROM {history.Statements} WHERE migration = @p0", [id], CancellationToken.None);
        await connection.ExecuteAsync($"DELETE FROM {history.Migrations} WHERE id = @p0", [id], CancellationToken.None);
    }

    // One in a transaction is seen by nobody before it has ended, unless a statement of it committed.
    private static async Task<long?> BegunAsync(MySqlConnection connection, MariaDbHistory history, MigrationScript script)
    {
        var rows = await connection.QueryAsync(
            $"SELECT id, transactional FROM {history.Migrations} WHERE version = @p0 AND is_undo = @p1 AND state = 'running' ORDER BY transactional DESC, id",
            [script.Version.ToString(), script.IsUndo],
            row => (Id: row.GetInt64(0), IsTransactional: row.Number(1) != 0),
            CancellationToken.None);
        return rows.Count == 0 ? null
            : !rows[0].IsTransactional ? rows[0].Id
            : throw ScriptErrors.Interrupted(
                script,
                1,
                "a statement of it ended the transaction that an earlier run had it in, so that what stood before that statement is in effect, and it cannot be told what else is",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Take back by hand what is in effect and DELETE FROM deployops_migration WHERE id = {rows[0].Id}; or do by hand what is missing and UPDATE deployops_migration SET state = '{(script.IsUndo ? "reverted" : "done")}', finished_at = UTC_TIMESTAMP(6) WHERE id = {rows[0].Id}. Put the statement that commits into a script of its own."));
    }

    /// <summary>What the text of a statement is known by.</summary>
    internal static string Hash(SqlStatement statement) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(statement.Text)));
}
