using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>
/// How large tables are: rows as ANALYZE counted them, else the highest rowid, of which there are more than rows or as many. Nothing tells the size of a table without
/// reading it: that of the file is given where it is small, since no table in it is larger.
/// </summary>
/// <param name="file">The database.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class SqliteTableCatalog(SqliteFile file, DatabaseJobs jobs) : ITableCatalog
{
    private const long SmallFile = 16L << 20;

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(IReadOnlyCollection<SqlName> names, CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            using var session = SqliteSession.Open(file, SqliteAccess.Read, jobs.Time, token);
            try
            {
                session.Execute("BEGIN");
                return Find(session, names);
            }
            catch (SqliteFault fault)
            {
                throw SqliteErrors.Of(file, fault);
            }
        },
        cancellationToken);

    private static IReadOnlyDictionary<string, TableFacts> Find(SqliteSession session, IReadOnlyCollection<SqlName> names)
    {
        var bytes = Number(session, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
        var facts = new Dictionary<string, TableFacts>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (Table(session, name.Name) is var (table, hasRowId))
            {
                facts[name.Written] = new TableFacts(Counted(session, table) ?? (hasRowId ? Highest(session, table) : null), bytes <= SmallFile ? bytes : null, WritesPerSecond: null, ReferencedBy(session, table)) { HasOneWriter = true };
            }
        }

        return facts;
    }

    private static (string Name, bool HasRowId)? Table(SqliteSession session, string name)
    {
        (string, bool)? found = null;
        session.Query(
            """
            SELECT t.name, t.wr FROM sqlite_schema s JOIN pragma_table_list t ON t.name = s.tbl_name AND t.schema = 'main'
            WHERE s.name = ? COLLATE NOCASE AND s.type IN ('table', 'index') AND t.type = 'table'
            """,
            row => found = (Text(row), raw.sqlite3_column_int64(row, 1) == 0),
            name);
        return found;
    }

    // The first number of an index's statistics is how many rows the table had.
    private static long? Counted(SqliteSession session, string table)
    {
        long? rows = null;
        if (Number(session, "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'") == 1)
        {
            session.Query("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = ?", row => rows = raw.sqlite3_column_type(row, 0) == raw.SQLITE_NULL ? null : raw.sqlite3_column_int64(row, 0), table);
        }

        return rows;
    }

    private static long Highest(SqliteSession session, string table) => Number(session, $"SELECT coalesce(max(rowid), 0) FROM {SqliteNames.Quote(table)}");

    private static int ReferencedBy(SqliteSession session, string table)
    {
        var tables = 0L;
        session.Query(
            """
            SELECT count(DISTINCT s.name) FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f
            WHERE s.type = 'table' AND f."table" = ?1 COLLATE NOCASE AND s.name <> ?1 COLLATE NOCASE
            """,
            row => tables = raw.sqlite3_column_int64(row, 0),
            table);
        return (int)tables;
    }

    private static long Number(SqliteSession session, string sql)
    {
        var number = 0L;
        session.Query(sql, row => number = raw.sqlite3_column_int64(row, 0));
        return number;
    }

    private static string Text(sqlite3_stmt row) => raw.sqlite3_column_text(row, 0).utf8_to_string();
}
