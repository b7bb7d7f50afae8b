using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Looks, before and after each statement, at which metadata locks its connection holds, by which numbers InnoDB knows the tables, and where its log stands. A definition commits
/// by itself and holds nothing afterwards, so that it is looked at again and again while it runs: what it holds for some milliseconds only may be missed. Each statement costs some
/// queries more, so that only what runs on a copy is traced.
/// </summary>
/// <param name="session">Where the script runs.</param>
/// <param name="did">Is told of each statement.</param>
internal sealed class MariaDbTracer(MariaDbSession session, Action<StatementTrace> did)
{
    private const string TablesUnknown = "which tables are written anew: grant PROCESS";
    private const string Log = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Innodb_lsn_current'";

    // A partition is one of its own: orders#P#p2026.
    private const string Tables =
        """
        SELECT CONVERT(CONVERT(CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(NAME, '/', -1), '#', 1) AS BINARY) USING filename) USING utf8mb4), TABLE_ID FROM information_schema.INNODB_SYS_TABLES
        WHERE CAST(SUBSTRING_INDEX(NAME, '/', 1) AS BINARY) = CAST(CONVERT(@p0 USING filename) AS BINARY)
        """;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);
    private MariaDbLockSight? sight;

    // What the script made itself is locked for nobody else.
    private IReadOnlySet<string> others = new HashSet<string>();
    private Dictionary<string, HashSet<long>>? tables;
    private bool isHidden;
    private string failed = "";

    private string Unknown => string.Join("; ", new[] { failed, sight!.Query.Length == 0 ? MariaDbLockSight.Unknown : "", isHidden ? TablesUnknown : "" }.Where(one => one.Length > 0));

    /// <summary>Runs a statement and tells what it did.</summary>
    /// <returns>What the statement returns: the rows it touched.</returns>
    internal async Task<long> RunAsync(int number, SqlStatement statement)
    {
        failed = "";
        sight ??= await session.SeeAsync(MariaDbLockSight.FindAsync);
        var before = tables ??= await FirstAsync();
        var (locksBefore, logBefore) = await LookAsync();
        var started = session.Time.GetTimestamp();
        using var ended = new CancellationTokenSource();
        var looking = IsOfRows(statement) ? Task.FromResult(new Dictionary<string, int>()) : Task.Run(() => LookAgainAndAgainAsync(ended.Token), CancellationToken.None);
        long rows;
        TimeSpan duration;
        Dictionary<string, int> seen;
        try
        {
            rows = await session.RunAsync(statement);
        }
        finally
        {
            duration = session.Time.GetElapsedTime(started);
            await ended.CancelAsync();
            seen = await looking;
        }

        var (locks, log) = await LookAsync();
        Merge(seen, locks);
        tables = IsOfRows(statement) ? before : await session.SeeAsync(TablesAsync);
        did(new StatementTrace
        {
            Number = number,
            Line = statement.Line,
            Text = StatementTrace.Head(statement),
            Duration = duration,
            Rows = rows < 0 || !IsOfRows(statement) ? null : rows,
            Locks = MariaDbLockSight.Stronger(locksBefore, seen, others),
            Rewritten = [.. before.Where(one => tables.TryGetValue(one.Key, out var now) && !now.Overlaps(one.Value)).Select(one => one.Key).Order(StringComparer.Ordinal)],
            WalBytes = log - logBefore,
            Unknown = Unknown,
        });

        return rows;
    }

    /// <summary>Begins to trace a statement that is repeated, a transaction a round: what its rounds do is told once, when the last has ended.</summary>
    internal async Task<TracedRounds> BeginRoundsAsync(int number, SqlStatement statement)
    {
        sight ??= await session.SeeAsync(MariaDbLockSight.FindAsync);
        tables ??= await FirstAsync();
        var (_, log) = await LookAsync();
        return new TracedRounds(number, statement, session.Time, LocksAsync, async trace => did(trace with { WalBytes = (await LookAsync()).Log - log, Unknown = Unknown }));
    }

    private async Task<IReadOnlyList<string>> LocksAsync() => MariaDbLockSight.Stronger([], (await LookAsync()).Locks, others);

    private async Task<Dictionary<string, HashSet<long>>> FirstAsync()
    {
        var first = await session.SeeAsync(TablesAsync);
        others = first.Keys.ToHashSet(StringComparer.Ordinal);
        return first;
    }

    private static bool IsOfRows(SqlStatement statement) =>
        statement.Begins("INSERT") || statement.Begins("UPDATE") || statement.Begins("DELETE") || statement.Begins("REPLACE") || statement.Begins("SELECT") || statement.Begins("WITH");

    private Task<(Dictionary<string, int> Locks, long Log)> LookAsync() => session.SeeAsync(async connection =>
        (await sight!.LookAsync(connection, session.Number, session.Server.Database), await connection.NumberAsync(Log, [], CancellationToken.None)));

    // The statement goes on, whatever keeps a look from being taken.
    private async Task<Dictionary<string, int>> LookAgainAndAgainAsync(CancellationToken ended)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!ended.IsCancellationRequested && sight!.Query.Length > 0)
        {
            try
            {
                Merge(seen, await session.SeeAsync(connection => sight.LookAsync(connection, session.Number, session.Server.Database)));
            }
            catch (Exception e) when (e is MySqlException or DeployOpsException)
            {
                failed = $"metadata locks of every moment: a look failed, {(e is MySqlException fault ? MariaDbErrors.Words(fault) : e.Message.TrimEnd('.'))}";
            }

            await Task.Delay(BetweenLooks, session.Time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return seen;
    }

    private static void Merge(Dictionary<string, int> seen, Dictionary<string, int> held)
    {
        foreach (var (table, mode) in held)
        {
            seen[table] = Math.Max(seen.GetValueOrDefault(table, -1), mode);
        }
    }

    private async Task<Dictionary<string, HashSet<long>>> TablesAsync(MySqlConnection connection)
    {
        try
        {
            var found = await connection.QueryAsync(Tables, [session.Server.Database], row => (Name: row.Text(0), Id: (long)row.Number(1)), CancellationToken.None);
            return found.Where(one => one.Name.Length > 0 && !MariaDbHistory.IsTable(one.Name)).GroupBy(one => one.Name, StringComparer.Ordinal).ToDictionary(one => one.Key, one => one.Select(found => found.Id).ToHashSet(), StringComparer.Ordinal);
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            isHidden = true;
            return (await MariaDbRelation.AllAsync(connection, session.Server.Database, CancellationToken.None))
                .Where(one => !MariaDbHistory.IsTable(one.Name)).ToDictionary(one => one.Name, _ => new HashSet<long> { 0 }, StringComparer.Ordinal);
        }
    }
}
