using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>A script outside of a transaction, as the history knows it statement by statement: begun before, perhaps, and to be gone on with.</summary>
internal sealed class PostgreSqlRun
{
    private readonly MigrationScript script;
    private readonly Dictionary<int, (string Sha256, string State)> begun;

    private PostgreSqlRun(long id, MigrationScript script, IReadOnlyList<long> invalidBefore, Dictionary<int, (string Sha256, string State)> begun) =>
        (Id, this.script, InvalidBefore, this.begun) = (id, script, invalidBefore, begun);

    /// <summary>Its row's number in the history.</summary>
    internal long Id { get; }

    /// <summary>The indexes that were invalid before it began.</summary>
    internal IReadOnlyList<long> InvalidBefore { get; }

    /// <summary>How many statements are known to be in effect.</summary>
    internal int Done => begun.Count(row => row.Value.State == "done");

    /// <summary>Finds the run that was interrupted, or begins one; it is committed when this returns.</summary>
    internal static async Task<PostgreSqlRun> BeginAsync(NpgsqlConnection connection, MigrationScript script, string appliedBy, DateTimeOffset now)
    {
        var id = await BegunAsync(connection, script) ?? await PostgreSqlHistory.BeginAsync(connection, script, appliedBy, transactional: false, now, CancellationToken.None);
        var before = await connection.ScalarAsync<long[]>("SELECT invalid_indexes::bigint[] FROM deployops.migration WHERE id = $1", [id], CancellationToken.None);
        var rows = await connection.QueryAsync(
            "SELECT number, sha256, state FROM deployops.statement WHERE migration = $1", [id], row => (Number: row.GetInt32(0), Sha256: row.GetString(1), State: row.GetString(2)), CancellationToken.None);
        // The text of what is done is checked statement by statement; the rest may have been corrected.
        await connection.ExecuteAsync("UPDATE deployops.migration SET checksum = $2, applied_by = $3, backend_pid = pg_backend_pid() WHERE id = $1", [id, script.Checksum, appliedBy], CancellationToken.None);

        return new PostgreSqlRun(id, script, before ?? [], rows.ToDictionary(row => row.Number, row => (row.Sha256, row.State)));
    }

    /// <summary>Refuses to run in one transaction what was begun outside of one; where nothing of it is done, it counts as not begun.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationInterrupted</c>.</exception>
    internal static async Task RefuseBegunAsync(NpgsqlConnection connection, MigrationScript script)
    {
        if (await BegunAsync(connection, script) is not { } id)
        {
            return;
        }

        var done = await connection.ScalarAsync<long>("SELECT count(*) FROM deployops.statement WHERE migration = $1 AND state <> 'failed'", [id], CancellationToken.None);
        if (done > 0)
        {
            throw PostgreSqlScriptErrors.Interrupted(
                script,
                1,
                string.Create(CultureInfo.InvariantCulture, $"{done} statements of it are in effect from a run outside of a transaction, and now it would run within one"),
                "Put the text back that was begun, or take those statements back by hand and delete its row from deployops.migration.");
        }

        await connection.ExecuteAsync("DELETE FROM deployops.migration WHERE id = $1", [id], CancellationToken.None);
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
            : throw PostgreSqlScriptErrors.Interrupted(
                script,
                statement.Line,
                string.Create(CultureInfo.InvariantCulture, $"statement {number} is in effect from a run that was interrupted, and its text has changed since"),
                "Put the text of the statements back that are in effect; those after them may be corrected.");
    }

    /// <summary>Whether an earlier run ended while this statement ran, so that nobody knows what came of it.</summary>
    internal bool IsUnknown(int number) => begun.TryGetValue(number, out var row) && row.State == "running";

    /// <summary>Remembers what came of a statement: within the transaction that is open, or at once where there is none.</summary>
    internal async Task RecordAsync(NpgsqlConnection connection, int number, SqlStatement statement, string state, long rows = 0, NpgsqlException? fault = null)
    {
        await connection.ExecuteAsync(
            """
            INSERT INTO deployops.statement (migration, number, line, sha256, state, rows, finished_at, sqlstate, message)
            VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $5 <> 'running' THEN clock_timestamp() END, $7::text, $8::text)
            ON CONFLICT (migration, number) DO UPDATE SET line = excluded.line, sha256 = excluded.sha256, state = excluded.state, rows = excluded.rows,
                started_at = CASE WHEN excluded.state = 'running' THEN excluded.started_at ELSE statement.started_at END, finished_at = excluded.finished_at,
                sqlstate = excluded.sqlstate, message = excluded.message
            """,
            [Id, number, statement.Line, Hash(statement), state, rows, fault?.SqlState, fault is null ? null : PostgreSqlErrors.Words(fault)],
            CancellationToken.None);
    }

    private static async Task<long?> BegunAsync(NpgsqlConnection connection, MigrationScript script)
    {
        var ids = await connection.QueryAsync(
            "SELECT id FROM deployops.migration WHERE version = $1 AND undo = $2 AND state = 'running'", [script.Version.ToString(), script.IsUndo], row => row.GetInt64(0), CancellationToken.None);
        return ids.Count == 0 ? null : ids[0];
    }

    private static string Hash(SqlStatement statement) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(statement.Text)));
}
