using System.Globalization;
using DeployOps.Migrations;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>The table <c>deployops_history</c>: one row a version that is in effect.</summary>
internal static class SqliteHistory
{
    /// <summary>The table's name.</summary>
    internal const string Table = "deployops_history";

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>Reads it, in the order of application; empty where there is none.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryInvalid</c> where a row cannot be understood.</exception>
    internal static IReadOnlyList<AppliedMigration> Read(SqliteSession session)
    {
        var rows = new List<AppliedMigration>();
        if (Exists(session))
        {
            session.Query("SELECT version, description, checksum, applied_at, applied_by FROM deployops_history ORDER BY rowid", row => rows.Add(Row(row)));
        }

        return rows;
    }

    /// <summary>Makes the table where it is missing.</summary>
    internal static void Ensure(SqliteSession session) => session.Execute($"""
        CREATE TABLE IF NOT EXISTS {Table} (
            version TEXT NOT NULL PRIMARY KEY, description TEXT NOT NULL, checksum TEXT NOT NULL,
            applied_at TEXT NOT NULL, applied_by TEXT NOT NULL, duration_ms INTEGER NOT NULL)
        """);

    /// <summary>Writes a row, making the table first where it is missing; that of a repeatable script takes the place of the one before.</summary>
    internal static void Add(SqliteSession session, MigrationScript script, string appliedBy, DateTimeOffset appliedAt, TimeSpan duration) =>
        Add(session, new AppliedMigration(script.Version, script.Description, script.Checksum, appliedAt, appliedBy), duration);

    /// <summary>The same of any row.</summary>
    internal static void Add(SqliteSession session, AppliedMigration applied, TimeSpan duration)
    {
        Ensure(session);
        if (applied.Version.IsRepeatable)
        {
            Remove(session, applied.Version);
        }

        session.Execute(
            "INSERT INTO deployops_history (version, description, checksum, applied_at, applied_by, duration_ms) VALUES (?, ?, ?, ?, ?, ?)",
            applied.Version.ToString(),
            applied.Description,
            applied.Checksum,
            applied.AppliedAt.UtcDateTime.ToString(TimeForm, CultureInfo.InvariantCulture),
            applied.AppliedBy,
            (long)duration.TotalMilliseconds);
    }

    /// <summary>Removes the row of a version.</summary>
    internal static void Remove(SqliteSession session, MigrationVersion version) =>
        session.Execute("DELETE FROM deployops_history WHERE version = ?", version.ToString());

    private static bool Exists(SqliteSession session)
    {
        var found = false;
        session.Query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'deployops_history'", _ => found = true);
        return found;
    }

    private static AppliedMigration Row(sqlite3_stmt row)
    {
        var version = Text(row, 0);
        var known = DateTimeOffset.TryParseExact(Text(row, 3), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var appliedAt);

        return MigrationVersion.TryParse(version) is { } parsed && known
            ? new AppliedMigration(parsed, Text(row, 1), Text(row, 2), appliedAt, Text(row, 4))
            : throw new DeployOpsException(
                "MigrationHistoryInvalid",
                FaultKind.InvalidData,
                $"The table deployops_history has a row that was not written by DeployOps: version '{version}', applied at '{Text(row, 3)}'.",
                "Correct or remove that row.");
    }

    private static string Text(sqlite3_stmt row, int column) => raw.sqlite3_column_text(row, column).utf8_to_string() ?? "";
}
