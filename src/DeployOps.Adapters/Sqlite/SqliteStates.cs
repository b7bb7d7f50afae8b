using System.Security.Cryptography;
using System.Text;
using DeployOps.Migrations.States;
using SQLitePCL;

namespace DeployOps.Adapters.Sqlite;

/// <summary>Reads what a database consists of in one read transaction; after a migration it also checks the whole file.</summary>
/// <param name="file">The database.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class SqliteStates(SqliteFile file, DatabaseJobs jobs) : IStateTarget
{
    private const long LargestCounted = 64L << 20;

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<DatabaseState> ReadAsync(StateMoment moment, CancellationToken cancellationToken) => jobs.RunAsync(
        token =>
        {
            using var session = SqliteSession.Open(file, SqliteAccess.Read, jobs.Time, token);
            try
            {
                session.Execute("BEGIN");
                var names = Texts(session, "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> 'deployops_history' ORDER BY name");
                var isCounted = new FileInfo(file.Path).Length <= LargestCounted;
                return new DatabaseState
                {
                    Tables = [.. names.Select(name => new TableState(name, Hash(Columns(session, name)), Storage: null, isCounted ? Count(session, name) : null, Parent: null) { Follows = Follows(session, name) })],
                    Objects = [.. names.SelectMany(name => Objects(session, name)).Order(StringComparer.Ordinal)],
                    Damage = moment == StateMoment.After ? [.. Texts(session, "PRAGMA integrity_check(20)").Where(line => line != "ok")] : null,
                    Orphans = SqliteForeignKeys.Read(session).States(),
                };
            }
            catch (SqliteFault fault)
            {
                throw SqliteErrors.Of(file, fault);
            }
        },
        cancellationToken);

    private static IEnumerable<string> Objects(SqliteSession session, string table) =>
    [
        $"table {table}",
        .. Columns(session, table).Select(column => $"column {table}.{column}"),
        .. Keys(session, table).Select(key => $"constraint {table} {key}"),
        .. Texts(session, "SELECT 'index ' || name || ' ' || coalesce(substr(sql, instr(upper(sql), ' ON ') + 1), 'of a constraint') FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'", table),
    ];

    private static List<string> Columns(SqliteSession session, string table) =>
        Texts(session, "SELECT name || ' ' || type || iif(\"notnull\", ' not null', '') || iif(pk, ' primary key', '') || coalesce(' default ' || dflt_value, '') FROM pragma_table_xinfo(?) ORDER BY cid", table);

    private static List<string> Keys(SqliteSession session, string table) =>
        Texts(session, "SELECT 'foreign key (' || \"from\" || ') references ' || \"table\" || coalesce(' (' || \"to\" || ')', '') FROM pragma_foreign_key_list(?) ORDER BY id, seq", table);

    private static List<string> Follows(SqliteSession session, string table) => Texts(session, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list(?) WHERE on_delete = 'CASCADE'", table);

    private static long Count(SqliteSession session, string table)
    {
        var rows = 0L;
        session.Query($"SELECT count(*) FROM {SqliteNames.Quote(table)}", row => rows = raw.sqlite3_column_int64(row, 0));
        return rows;
    }

    private static List<string> Texts(SqliteSession session, string sql, params object[] values)
    {
        var texts = new List<string>();
        session.Query(sql, row => texts.Add(raw.sqlite3_column_text(row, 0).utf8_to_string()), values);
        return texts;
    }

    private static string Hash(IEnumerable<string> lines) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines))));
}
