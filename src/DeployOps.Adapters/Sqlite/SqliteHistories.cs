using System.Globalization;
using DeployOps.Migrations.Imports;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>Reads the tables of other migration tools, and writes the history of a database that is taken in.</summary>
/// <param name="file">The database.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class SqliteHistories(SqliteFile file, DatabaseJobs jobs) : IHistoryTarget
{
    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseUnreachable</c>, or <c>MigrationHistoryInvalid</c> where a time cannot be read.</exception>
    public Task<IReadOnlyList<ForeignMigration>?> ReadForeignAsync(MigrationTool tool, string table, CancellationToken cancellationToken) => Run(
        SqliteAccess.Read,
        "BEGIN",
        session =>
        {
            var exists = false;
            session.Query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE", _ => exists = true, table);
            if (!exists)
            {
                return (IReadOnlyList<ForeignMigration>?)null;
            }

            var rows = new List<ForeignMigration>();
            session.Query(Query(tool, SqliteNames.Quote(table)), row => rows.Add(Row(row)));
            return rows;
        },
        cancellationToken);

    /// <inheritdoc/>
    public async Task AdoptAsync(IReadOnlyList<AdoptedMigration> rows, CancellationToken cancellationToken) => await Run(
        SqliteAccess.Write,
        "BEGIN IMMEDIATE",
        session =>
        {
            if (SqliteHistory.Read(session) is { Count: > 0 } existing)
            {
                throw DatabaseAdoption.Exists(existing.Count);
            }

            foreach (var row in rows)
            {
                SqliteHistory.Add(session, row.Row, TimeSpan.Zero);
            }

            session.Commit();
            return true;
        },
        cancellationToken);

    private Task<T> Run<T>(SqliteAccess access, string begin, Func<SqliteSession, T> work, CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            using var runner = access == SqliteAccess.Write ? SqliteRunnerLock.Take(file, jobs.Time) : null;
            using var session = SqliteSession.Open(file, access, jobs.Time, token);
            try
            {
                session.Execute(begin);
                return work(session);
            }
            catch (SqliteFault fault)
            {
                throw SqliteErrors.Of(file, fault);
            }
        },
        cancellationToken);

    private static string Query(MigrationTool tool, string table) => tool switch
    {
        MigrationTool.Flyway => $"SELECT script, installed_on, type, version, description, checksum, installed_by, success FROM {table} ORDER BY installed_rank",
        MigrationTool.Evolve => $"SELECT name, installed_on, type, version, description, checksum, installed_by, success FROM {table} ORDER BY id",
        _ => $"SELECT ScriptName, Applied, '', NULL, '', NULL, '', 1 FROM {table} ORDER BY Applied, 1",
    };

    private static ForeignMigration Row(sqlite3_stmt row) => new(Text(row, 0) ?? "", Time(row))
    {
        Kind = Text(row, 2) ?? "",
        Version = Text(row, 3),
        Description = Text(row, 4) ?? "",
        Checksum = Text(row, 5),
        AppliedBy = Text(row, 6) ?? "",
        Succeeded = raw.sqlite3_column_int(row, 7) != 0,
    };

    // Text in most tools; Flyway's driver may write milliseconds since 1970.
    private static DateTimeOffset Time(sqlite3_stmt row) =>
        raw.sqlite3_column_type(row, 1) == raw.SQLITE_INTEGER ? DateTimeOffset.FromUnixTimeMilliseconds(raw.sqlite3_column_int64(row, 1))
        : DateTimeOffset.TryParse(Text(row, 1), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time
        : throw new DeployOpsException("MigrationHistoryInvalid", FaultKind.InvalidData, $"The history of the other tool has a row whose time cannot be read: '{Text(row, 1)}'.", "Correct or remove that row.");

    private static string? Text(sqlite3_stmt row, int column) =>
        raw.sqlite3_column_type(row, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(row, column).utf8_to_string();
}
