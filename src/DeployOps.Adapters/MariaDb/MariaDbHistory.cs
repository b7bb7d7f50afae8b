using System.Globalization;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// The table <c>deployops_migration</c> of the database itself: a row a script that was run, one in effect for a version. A row of state <c>done</c> that is no undo is a
/// version in effect; <c>running</c> is a script outside of a transaction that has begun and not ended. It is made before the first script, since making a table commits.
/// </summary>
/// <param name="database">The database's name: a script may choose another one.</param>
internal sealed class MariaDbHistory(string database)
{
    private const string Migration = "deployops_migration";
    private const string Statement = "deployops_statement";
    private const string Options = "ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
    private static readonly string ToolVersion = typeof(MariaDbHistory).Assembly.GetName().Version!.ToString(3);

    /// <summary>The table of scripts, with its database.</summary>
    internal string Migrations { get; } = MariaDbNames.Quote(database, Migration);

    /// <summary>The table of the statements of scripts outside of a transaction, with its database.</summary>
    internal string Statements { get; } = MariaDbNames.Quote(database, Statement);

    /// <summary>Whether a table of the database is one of the history.</summary>
    internal static bool IsTable(string name) => name is Migration or Statement;

    /// <summary>Reads the versions in effect, in the order of application; empty where there is no history.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryInvalid</c> where a row cannot be understood.</exception>
    internal async Task<IReadOnlyList<AppliedMigration>> ReadAsync(MySqlConnection connection, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken)
            ? await connection.QueryAsync($"SELECT version, description, checksum, finished_at, applied_by FROM {Migrations} WHERE NOT is_undo AND state = 'done' ORDER BY finished_at, id", [], Row, cancellationToken)
            : [];

    /// <summary>The number of its last row, whatever came of it; 0 where there is none.</summary>
    internal async Task<long> EndAsync(MySqlConnection connection, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken) ? await connection.NumberAsync($"SELECT IFNULL(MAX(id), 0) FROM {Migrations}", [], cancellationToken) : 0;

    /// <summary>Whether a script of this version has begun and not ended, with a statement that is, or may be, in effect.</summary>
    internal async Task<bool> IsHalfAppliedAsync(MySqlConnection connection, MigrationVersion version, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken)
        && await connection.NumberAsync(
            $"""
            SELECT COUNT(*) FROM {Migrations} m WHERE m.version = @p0 AND NOT m.is_undo AND m.state = 'running'
            AND (m.transactional OR EXISTS (SELECT 1 FROM {Statements} s WHERE s.migration = m.id AND s.state <> 'failed'))
            """,
            [version.ToString()],
            cancellationToken) > 0;

    /// <summary>The scripts that have begun and not ended, with statements that are, or may be, in effect.</summary>
    internal async Task<IReadOnlyList<BegunMigration>> ReadBegunAsync(MySqlConnection connection, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken)
            ? await connection.QueryAsync(
                $"""
                SELECT m.version, m.file_name, m.is_undo, COUNT(s.number), m.started_at, m.applied_by FROM {Migrations} m LEFT JOIN {Statements} s ON s.migration = m.id AND s.state <> 'failed'
                WHERE m.state = 'running' GROUP BY m.id HAVING MAX(m.transactional) OR COUNT(s.number) > 0 ORDER BY m.id
                """,
                [],
                row => new BegunMigration(Version(row.GetString(0)), row.GetString(1), row.Number(2) != 0, Math.Max((int)row.Number(3), 1), new DateTimeOffset(row.GetDateTime(4), TimeSpan.Zero), row.GetString(5)),
                cancellationToken)
            : [];

    /// <summary>
    /// Whether a statement of a script committed though the script runs in one transaction: its row of state <c>running</c> is there for others to see, which is else written and ended by
    /// one commit.
    /// </summary>
    internal async Task<bool> HasCommittedUnseenAsync(MySqlConnection connection, MigrationScript script, CancellationToken cancellationToken) =>
        await ExistsAsync(connection, cancellationToken)
        && await connection.NumberAsync(
            $"SELECT COUNT(*) FROM {Migrations} WHERE version = @p0 AND is_undo = @p1 AND state = 'running' AND transactional", [script.Version.ToString(), script.IsUndo], cancellationToken) > 0;

    /// <summary>Makes the tables where they are missing; the account then needs the right to create tables. What is open is committed by it.</summary>
    internal async Task EnsureAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(connection, cancellationToken))
        {
            return;
        }

        await connection.ExecuteAsync(
            cancellationToken,
            $"""
            CREATE TABLE IF NOT EXISTS {Statements} (
                migration bigint NOT NULL, number int NOT NULL, line int NOT NULL, sha256 char(64) NOT NULL, state enum('running', 'done', 'failed') NOT NULL,
                definition_before char(64), started_at datetime(6) NOT NULL DEFAULT UTC_TIMESTAMP(6), finished_at datetime(6), touched bigint, error int, message text,
                PRIMARY KEY (migration, number)) {Options}
            """,
            $"""
            CREATE TABLE IF NOT EXISTS {Migrations} (
                id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY, version varchar(190) NOT NULL, is_undo boolean NOT NULL, description varchar(1000) NOT NULL, file_name varchar(500) NOT NULL,
                checksum char(64) NOT NULL, transactional boolean NOT NULL, state enum('running', 'done', 'reverted') NOT NULL, applied_by varchar(200) NOT NULL,
                account varchar(200) NOT NULL, connection_id bigint NOT NULL, tool_version varchar(40) NOT NULL, started_at datetime(6) NOT NULL, finished_at datetime(6), statements int,
                in_effect varchar(200) AS (IF(state = 'reverted', NULL, CONCAT(version, '/', is_undo))) PERSISTENT, UNIQUE KEY migration_in_effect (in_effect)) {Options}
            """);
    }

    /// <summary>Refuses a script whose version is in effect already, an undo of one that is not, and what was planned by a history that somebody else has gone on with.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationAlreadyApplied</c>, <c>MigrationNotApplied</c> or <c>MigrationHistoryChanged</c>.</exception>
    internal async Task RefuseAsync(MySqlConnection connection, MigrationScript script, PlannedHistory planned, CancellationToken cancellationToken)
    {
        // A repeatable script runs again where another text of it ran last.
        var (inEffect, end) = (await connection.QueryAsync(
            $"SELECT IFNULL(SUM(version = @p0 AND NOT is_undo AND state = 'done' AND (checksum = @p1 OR NOT @p2)), 0), IFNULL(MAX(id), 0) FROM {Migrations}",
            [script.Version.ToString(), script.Checksum, script.IsRepeatable],
            row => (row.Number(0) > 0, (long)row.Number(1)),
            cancellationToken))[0];
        if (inEffect && !script.IsUndo)
        {
            throw new DeployOpsException(
                "MigrationAlreadyApplied",
                FaultKind.InvalidOperation,
                $"{script.FileName}: {(script.IsRepeatable ? "this text" : $"version {script.Version}")} is in the history of {database} already.",
                "See what is pending with -WhatIf: somebody else applied it meanwhile.")
            { Target = script.FileName };
        }

        if (!inEffect && script.IsUndo)
        {
            throw new DeployOpsException(
                "MigrationNotApplied",
                FaultKind.InvalidOperation,
                $"{script.FileName}: version {script.Version} is not in the history of {database}.",
                "There is nothing to undo.")
            { Target = script.FileName };
        }

        planned.Require(script, end);
    }

    /// <summary>Writes the row of a script that begins: in its transaction, or before it where it runs outside of one.</summary>
    /// <returns>The row's number.</returns>
    internal async Task<long> BeginAsync(MySqlConnection connection, MigrationScript script, string appliedBy, bool transactional, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (script.IsRepeatable)
        {
            await connection.ExecuteAsync(OutOfEffect, [script.Version.ToString()], cancellationToken);
        }

        await connection.ExecuteAsync(
            $"""
            INSERT INTO {Migrations} (version, is_undo, description, file_name, checksum, transactional, state, applied_by, account, connection_id, tool_version, started_at)
            VALUES (@p0, @p1, @p2, @p3, @p4, @p5, 'running', @p6, USER(), CONNECTION_ID(), @p7, @p8)
            """,
            [script.Version.ToString(), script.IsUndo, script.Description, script.FileName, script.Checksum, transactional, appliedBy, ToolVersion, now.UtcDateTime],
            cancellationToken);
        return await connection.NumberAsync("SELECT LAST_INSERT_ID()", [], cancellationToken);
    }

    /// <summary>Ends the row of a script that succeeded; an undo takes the row of its version out of effect, and its own.</summary>
    internal async Task FinishAsync(MySqlConnection connection, long run, MigrationScript script, int statements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            $"UPDATE {Migrations} SET state = @p1, finished_at = @p2, statements = @p3 WHERE id = @p0",
            [run, script.IsUndo ? "reverted" : "done", now.UtcDateTime, statements],
            cancellationToken);
        if (script.IsUndo)
        {
            await connection.ExecuteAsync(OutOfEffect, [script.Version.ToString()], cancellationToken);
        }
    }

    /// <summary>Writes the rows of scripts that were applied before the database was taken in, all of them or none.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryExists</c>.</exception>
    internal async Task AdoptAsync(MySqlConnection connection, IReadOnlyList<AdoptedMigration> rows, CancellationToken cancellationToken)
    {
        await EnsureAsync(connection, cancellationToken);
        await connection.ExecuteAsync(cancellationToken, "START TRANSACTION");
        if (await connection.NumberAsync($"SELECT COUNT(*) FROM {Migrations}", [], cancellationToken) is > 0 and var existing)
        {
            throw DatabaseAdoption.Exists((int)existing);
        }

        foreach (var adopted in rows)
        {
            await connection.ExecuteAsync(
                $"""
                INSERT INTO {Migrations} (version, is_undo, description, file_name, checksum, transactional, state, applied_by, account, connection_id, tool_version, started_at, finished_at)
                VALUES (@p0, FALSE, @p1, @p2, @p3, TRUE, 'done', @p4, USER(), CONNECTION_ID(), @p5, @p6, @p6)
                """,
                [adopted.Row.Version.ToString(), adopted.Row.Description, adopted.FileName, adopted.Row.Checksum, adopted.Row.AppliedBy, ToolVersion, adopted.Row.AppliedAt.UtcDateTime],
                cancellationToken);
        }

        await connection.ExecuteAsync(CancellationToken.None, "COMMIT");
    }

    private string OutOfEffect => $"UPDATE {Migrations} SET state = 'reverted' WHERE version = @p0 AND NOT is_undo AND state = 'done'";

    private async Task<bool> ExistsAsync(MySqlConnection connection, CancellationToken cancellationToken) =>
        await connection.NumberAsync("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0 AND TABLE_NAME IN (@p1, @p2)", [database, Migration, Statement], cancellationToken) == 2;

    private static AppliedMigration Row(MySqlDataReader row) => row.IsDBNull(3)
        ? throw Invalid(row.GetString(0))
        : new AppliedMigration(Version(row.GetString(0)), row.GetString(1), row.GetString(2), new DateTimeOffset(row.GetDateTime(3), TimeSpan.Zero), row.GetString(4));

    private static MigrationVersion Version(string text) => MigrationVersion.TryParse(text) ?? throw Invalid(text);

    private static DeployOpsException Invalid(string version) => new(
        "MigrationHistoryInvalid", FaultKind.InvalidData, $"The table {Migration} has a row that was not written by DeployOps: version '{version}'.", "Correct or remove that row.");
}
