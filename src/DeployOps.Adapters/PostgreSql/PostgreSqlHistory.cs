using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// The table <c>deployops.migration</c>: a row a script that was run, one in effect for a version. A row of state <c>done</c> that is no undo is a version in effect;
/// <c>running</c> is a script outside of a transaction that has begun and not ended.
/// </summary>
internal static class PostgreSqlHistory
{
    private static readonly string[] Creation =
    [
        "CREATE SCHEMA IF NOT EXISTS deployops",
        """
        CREATE TABLE deployops.migration (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, version text NOT NULL, undo boolean NOT NULL, description text NOT NULL, file_name text NOT NULL,
            checksum text NOT NULL, transactional boolean NOT NULL, state text NOT NULL CHECK (state IN ('running', 'done', 'reverted')), applied_by text NOT NULL,
            account text NOT NULL DEFAULT session_user, backend_pid integer NOT NULL DEFAULT pg_backend_pid(), tool_version text NOT NULL,
            started_at timestamptz NOT NULL, finished_at timestamptz, statements integer, invalid_indexes oid[] NOT NULL DEFAULT '{}')
        """,
        "CREATE UNIQUE INDEX migration_in_effect ON deployops.migration (version, undo) WHERE state <> 'reverted'",
        """
        CREATE TABLE deployops.statement (
            migration bigint NOT NULL REFERENCES deployops.migration ON DELETE CASCADE, number integer NOT NULL, line integer NOT NULL, sha256 text NOT NULL,
            state text NOT NULL CHECK (state IN ('running', 'done', 'failed')), started_at timestamptz NOT NULL DEFAULT clock_timestamp(), finished_at timestamptz, rows bigint,
            sqlstate text, message text, PRIMARY KEY (migration, number))
        """,
    ];

    private const string OutOfEffect = "UPDATE deployops.migration SET state = 'reverted' WHERE version = $1 AND NOT undo AND state = 'done'";

    private const string FirstOfUndo =
        """
        SELECT $1, $2, $3, $4, $5, true, 'running', $6, $7, $8
        WHERE NOT EXISTS (SELECT FROM deployops.migration WHERE version = $1 AND undo AND state <> 'reverted')
          AND EXISTS (SELECT FROM deployops.migration WHERE version = $1 AND NOT undo AND state = 'done')
        """;

    private const string End = "SELECT coalesce(max(id), 0) FROM deployops.migration";

    private static readonly string ToolVersion = typeof(PostgreSqlHistory).Assembly.GetName().Version!.ToString(3);

    /// <summary>Reads the versions in effect, in the order of application; empty where there is no history.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryInvalid</c> where a row cannot be understood.</exception>
    internal static async Task<IReadOnlyList<AppliedMigration>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken)
            ? await connection.QueryAsync("SELECT version, description, checksum, finished_at, applied_by FROM deployops.migration WHERE NOT undo AND state = 'done' ORDER BY finished_at, id", [], Row, cancellationToken)
            : [];

    /// <summary>The number of its last row, whatever came of it; 0 where there is none. There is a history.</summary>
    internal static Task<long> EndAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ScalarAsync<long>(End, [], cancellationToken);

    /// <summary>Whether a script of this version has begun and not ended, with a statement that is, or may be, in effect.</summary>
    internal static async Task<bool> IsHalfAppliedAsync(NpgsqlConnection connection, MigrationVersion version, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken)
        && await connection.ScalarAsync<bool>(
            """
            SELECT EXISTS (SELECT FROM deployops.migration m JOIN deployops.statement s ON s.migration = m.id
                           WHERE m.version = $1 AND NOT m.undo AND m.state = 'running' AND s.state <> 'failed')
            """,
            [version.ToString()],
            cancellationToken);

    /// <summary>Whether a table of this full name is one of the history.</summary>
    internal static bool IsTable(string name) => name is "deployops.migration" or "deployops.statement";

    /// <summary>The scripts that have begun and not ended, with statements that are, or may be, in effect.</summary>
    internal static async Task<IReadOnlyList<BegunMigration>> ReadBegunAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken)
            ? await connection.QueryAsync(
                """
                SELECT m.version, m.file_name, m.undo, count(*)::int, m.started_at, m.applied_by
                FROM deployops.migration m JOIN deployops.statement s ON s.migration = m.id AND s.state <> 'failed' WHERE m.state = 'running' GROUP BY m.id ORDER BY m.id
                """,
                [],
                row => new BegunMigration(Version(row.GetString(0)), row.GetString(1), row.GetBoolean(2), row.GetInt32(3), new DateTimeOffset(row.GetFieldValue<DateTime>(4)), row.GetString(5)),
                cancellationToken)
            : [];

    /// <summary>Makes the tables where they are missing; the account then needs the right to create a schema.</summary>
    internal static async Task EnsureAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(connection, cancellationToken))
        {
            await connection.ExecuteAsync(cancellationToken, Creation);
        }
    }

    /// <summary>Refuses a script whose version is in effect already, or an undo of one that is not.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationAlreadyApplied</c> or <c>MigrationNotApplied</c>.</exception>
    internal static async Task RefuseAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        // A repeatable script runs again where another text of it ran last.
        var inEffect = await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM deployops.migration WHERE version = $1 AND NOT undo AND state = 'done' AND (checksum = $2 OR NOT $3))",
            [script.Version.ToString(), script.Checksum, script.IsRepeatable],
            cancellationToken);
        if (inEffect && !script.IsUndo)
        {
            throw new DeployOpsException(
                "MigrationAlreadyApplied",
                FaultKind.InvalidOperation,
                $"{script.FileName}: {(script.IsRepeatable ? "this text" : $"version {script.Version}")} is in the history of {connection.Database} already.",
                "See what is pending with -WhatIf: somebody else applied it meanwhile.")
            { Target = script.FileName };
        }

        if (!inEffect && script.IsUndo)
        {
            throw new DeployOpsException(
                "MigrationNotApplied",
                FaultKind.InvalidOperation,
                $"{script.FileName}: version {script.Version} is not in the history of {connection.Database}.",
                "There is nothing to undo.")
            { Target = script.FileName };
        }
    }

    /// <summary>
    /// Begins a transaction and writes in it the row of a script that runs in it, in one round trip, which every small script pays. The row is not written where the version is
    /// in effect already, or an undo's is not, or where it was begun outside of a transaction: <see cref="RefuseAsync"/> and <see cref="PostgreSqlRun.RefuseBegunAsync"/> say why.
    /// </summary>
    /// <returns>The number of the last row before it, the row's own and the transaction's; null where no row was written. The transaction is open either way.</returns>
    internal static async Task<(long End, long Run, long Transaction)?> BeginTransactionAsync(NpgsqlConnection connection, MigrationScript script, string appliedBy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Add("BEGIN");
        if (script.IsRepeatable)
        {
            // The text before this one. The same text again is refused.
            batch.Add($"{OutOfEffect} AND checksum <> $2", [script.Version.ToString(), script.Checksum]);
        }

        batch.Add(End);
        // A version in effect is refused by the index, which costs a script that may run nothing.
        batch.Add(
            $"""
            INSERT INTO deployops.migration (version, undo, description, file_name, checksum, transactional, state, applied_by, tool_version, started_at)
            {(script.IsUndo ? FirstOfUndo : "VALUES ($1, $2, $3, $4, $5, true, 'running', $6, $7, $8) ON CONFLICT DO NOTHING")} RETURNING id, txid_current()
            """,
            [script.Version.ToString(), script.IsUndo, script.Description, script.FileName, script.Checksum, appliedBy, ToolVersion, now.UtcDateTime]);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var end = reader.GetInt64(0);
        await reader.NextResultAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? (end, reader.GetInt64(0), reader.GetInt64(1)) : null;
    }

    /// <summary>Writes the row of a script that begins outside of a transaction.</summary>
    /// <returns>The row's number.</returns>
    internal static async Task<long> BeginAsync(NpgsqlConnection connection, MigrationScript script, string appliedBy, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (script.IsRepeatable)
        {
            await connection.ExecuteAsync(OutOfEffect, [script.Version.ToString()], cancellationToken);
        }

        return await connection.ScalarAsync<long>(
            """
            INSERT INTO deployops.migration (version, undo, description, file_name, checksum, transactional, state, applied_by, tool_version, started_at, invalid_indexes)
            VALUES ($1, $2, $3, $4, $5, false, 'running', $6, $7, $8, ARRAY(SELECT i.indexrelid FROM pg_index i WHERE NOT i.indisvalid ORDER BY 1)) RETURNING id
            """,
            [script.Version.ToString(), script.IsUndo, script.Description, script.FileName, script.Checksum, appliedBy, ToolVersion, now.UtcDateTime],
            cancellationToken);
    }

    /// <summary>Writes the row of a script that was applied before the database was taken in.</summary>
    internal static Task AdoptAsync(NpgsqlConnection connection, AdoptedMigration adopted, CancellationToken cancellationToken) => connection.ExecuteAsync(
        """
        INSERT INTO deployops.migration (version, undo, description, file_name, checksum, transactional, state, applied_by, tool_version, started_at, finished_at)
        VALUES ($1, false, $2, $3, $4, true, 'done', $5, $6, $7, $7)
        """,
        [adopted.Row.Version.ToString(), adopted.Row.Description, adopted.FileName, adopted.Row.Checksum, adopted.Row.AppliedBy, ToolVersion, adopted.Row.AppliedAt.UtcDateTime],
        cancellationToken);

    /// <summary>
    /// Ends the row of a script that succeeded, as the account that connected, in one round trip; an undo takes the row of its version out of effect, and its own.
    /// </summary>
    /// <param name="connection">Where the script ran.</param>
    /// <param name="run">The row's number.</param>
    /// <param name="script">The script.</param>
    /// <param name="statements">How many statements it had.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="transaction">The transaction that it ran in; null where it ran in none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>False where that transaction is not the one that is open: nothing was written then.</returns>
    internal static async Task<bool> FinishAsync(NpgsqlConnection connection, long run, MigrationScript script, int statements, DateTimeOffset now, long? transaction, CancellationToken cancellationToken)
    {
        await using var batch = connection.CreateBatch();
        batch.Add("RESET SESSION AUTHORIZATION").Add("RESET ROLE").Add(
            "UPDATE deployops.migration SET state = $2, finished_at = $3, statements = $4 WHERE id = $1 AND ($5::bigint IS NULL OR txid_current() = $5)",
            [run, script.IsUndo ? "reverted" : "done", now.UtcDateTime, statements, transaction]);
        var finish = batch.BatchCommands[^1];
        if (script.IsUndo)
        {
            batch.Add(
                "UPDATE deployops.migration SET state = 'reverted' WHERE version = $1 AND NOT undo AND state = 'done' AND ($2::bigint IS NULL OR txid_current() = $2)",
                [script.Version.ToString(), transaction]);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        return finish.RecordsAffected == 1;
    }

    /// <summary>Whether there is a history.</summary>
    internal static async Task<bool> ExistsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.ScalarAsync<bool>("SELECT to_regclass('deployops.migration') IS NOT NULL", [], cancellationToken);

    private static AppliedMigration Row(NpgsqlDataReader row) => row.IsDBNull(3)
        ? throw Invalid(row.GetString(0))
        : new AppliedMigration(Version(row.GetString(0)), row.GetString(1), row.GetString(2), new DateTimeOffset(row.GetFieldValue<DateTime>(3)), row.GetString(4));

    private static MigrationVersion Version(string text) => MigrationVersion.TryParse(text) ?? throw Invalid(text);

    private static DeployOpsException Invalid(string version) => new(
        "MigrationHistoryInvalid",
        FaultKind.InvalidData,
        $"The table deployops.migration has a row that was not written by DeployOps: version '{version}'.",
        "Correct or remove that row.");
}
