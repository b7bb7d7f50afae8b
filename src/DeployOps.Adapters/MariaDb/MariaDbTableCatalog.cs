using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Sql;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// How large and how busy tables are, by the server's catalogue and InnoDB's statistics; a partitioned table is the sum of its partitions. Writes are counted between two looks half
/// a second apart, since InnoDB begins to count anew whenever it has counted the rows. An account without PROCESS is not told of writes and foreign keys: that is unknown, which
/// is not small.
/// </summary>
/// <param name="server">The database.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class MariaDbTableCatalog(MariaDbServer server, DatabaseJobs jobs) : ITableCatalog
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    // A table that somebody locks out is told without its engine.
    private const string Tables = """
        SELECT TABLE_SCHEMA, TABLE_NAME, ENGINE, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH FROM information_schema.TABLES
        WHERE TABLE_SCHEMA = @p0 AND TABLE_NAME = @p1 AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
        """;

    // Names of InnoDB's tables are those of their files: letters that a file's name may not have are written as their number.
    private const string File = "CONCAT(CAST(CONVERT(@p0 USING filename) AS BINARY), '/', CAST(CONVERT(@p1 USING filename) AS BINARY))";
    private const string IsOfTable = $"(CAST(NAME AS BINARY) = {File} OR CAST(LEFT(NAME, LENGTH({File}) + 3) AS BINARY) IN (CONCAT({File}, '#P#'), CONCAT({File}, '#p#')))";
    private const string Counts = $"SELECT SUM(NUM_ROWS), SUM(MODIFIED_COUNTER) FROM information_schema.INNODB_SYS_TABLESTATS WHERE {IsOfTable}";
    private const string Size = $"SELECT SUM(FILE_SIZE) FROM information_schema.INNODB_SYS_TABLESPACES WHERE {IsOfTable}";
    private const string References = $"SELECT COUNT(DISTINCT FOR_NAME) FROM information_schema.INNODB_SYS_FOREIGN WHERE CAST(REF_NAME AS BINARY) = {File} AND FOR_NAME <> REF_NAME";

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(IReadOnlyCollection<SqlName> names, CancellationToken cancellationToken) =>
        AskAsync((connection, token) => FindAsync(connection, [.. names.Select(name => name.Written)], token), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<LostObject, IReadOnlyList<ObjectUse>>> FindUsesAsync(IReadOnlyCollection<LostObject> objects, CancellationToken cancellationToken) =>
        AskAsync((connection, token) => MariaDbObjectUses.FindAsync(connection, server.Database, objects, token), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> HasAnsiQuotesAsync(CancellationToken cancellationToken) =>
        AskAsync(async (connection, token) => await connection.NumberAsync("SELECT FIND_IN_SET('ANSI_QUOTES', @@SESSION.sql_mode)", [], token) > 0, cancellationToken);

    private Task<T> AskAsync<T>(Func<MySqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => server.AskAsync(
        jobs,
        async (connection, token) =>
        {
            await connection.ExecuteAsync(token, "SET SESSION lock_wait_timeout = 2, max_statement_time = 30");
            return await ask(connection, token);
        },
        cancellationToken);

    private async Task<IReadOnlyDictionary<string, TableFacts>> FindAsync(MySqlConnection connection, string[] names, CancellationToken token)
    {
        var started = jobs.Time.GetTimestamp();
        var found = new List<Look>();
        foreach (var name in names)
        {
            found.AddRange(await LookAsync(connection, name, token) is { } look ? [look] : []);
        }

        if (found.Exists(look => look.Writes is not null && !Facts(look, writesPerSecond: null).IsLarge))
        {
            await Task.Delay(BetweenLooks, jobs.Time, token);
        }

        var facts = new Dictionary<string, TableFacts>(StringComparer.Ordinal);
        foreach (var look in found)
        {
            facts[look.Written] = Facts(look, look.Writes is { } before && !Facts(look, writesPerSecond: null).IsLarge ? await RateAsync(connection, look, before, started, token) : null);
        }

        return facts;
    }

    private async Task<Look?> LookAsync(MySqlConnection connection, string written, CancellationToken token)
    {
        var (database, name) = MariaDbNames.Read(written);
        object[] values = [database ?? server.Database, name];
        var tables = await connection.QueryAsync(
            Tables, values, row => new Look(written, row.Text(0), row.Text(1), row.IsDBNull(2) || row.IsDBNull(3) ? null : (long)row.Number(3), row.IsDBNull(4) ? null : (long)row.Number(4)), token);
        if (tables.Count == 0)
        {
            return null;
        }

        try
        {
            // By the name as the server has it, which may be in other letters than the script's.
            values = [tables[0].Database, tables[0].Name];
            var counts = await connection.QueryAsync(Counts, values, row => (Rows: row.IsDBNull(0) ? (long?)null : (long)row.Number(0), Writes: row.IsDBNull(1) ? (long?)null : (long)row.Number(1)), token);
            var size = await connection.NumberAsync(Size, values, token);
            return tables[0] with
            {
                Rows = tables[0].Rows is { } rows ? Math.Max(rows, counts[0].Rows ?? 0) : null,
                Bytes = tables[0].Bytes is { } bytes ? Math.Max(bytes, size) : null,
                Writes = counts[0].Writes,
                ReferencedBy = (int)await connection.NumberAsync(References, values, token),
            };
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return tables[0];
        }
    }

    private async Task<double?> RateAsync(MySqlConnection connection, Look look, long before, long started, CancellationToken token)
    {
        var counts = await connection.QueryAsync(Counts, [look.Database, look.Name], row => row.IsDBNull(1) ? (long?)null : (long)row.Number(1), token);
        var seconds = jobs.Time.GetElapsedTime(started).TotalSeconds;
        return counts[0] is { } now && seconds > 0 ? (now >= before ? now - before : now) / seconds : null;
    }

    private static TableFacts Facts(Look look, double? writesPerSecond) => new(look.Rows, look.Bytes, writesPerSecond, look.ReferencedBy);

    private sealed record Look(string Written, string Database, string Name, long? Rows, long? Bytes)
    {
        internal long? Writes { get; init; }

        internal int? ReferencedBy { get; init; }
    }
}
