using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Looks, before and after each statement, at what its transaction locks, which files the tables and indexes have, and where the server's log stands. Of a statement outside of a
/// transaction the locks are gone by then. Each statement costs some queries more, so that only what runs on a copy is traced.
/// </summary>
/// <param name="session">Where the script runs.</param>
/// <param name="did">Is told of each statement.</param>
internal sealed class PostgreSqlTracer(PostgreSqlSession session, Action<StatementTrace> did) : IStatementTracer
{
    private Dictionary<uint, (string Name, uint File)>? files;

    /// <inheritdoc/>
    public Task BeginAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task EndAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task<long> RunAsync(int number, SqlStatement statement, bool isOutside, Func<Task<long>> work)
    {
        var filesBefore = files ?? await session.RunAsync(FilesAsync);
        var (locksBefore, walBefore) = await session.RunAsync(LookAsync);
        var started = session.Time.GetTimestamp();
        var rows = await work();
        var duration = session.Time.GetElapsedTime(started);
        var (locks, wal) = await session.RunAsync(LookAsync);
        files = IsOfRows(statement) ? filesBefore : await session.RunAsync(FilesAsync);
        did(new StatementTrace
        {
            Number = number,
            Line = statement.Line,
            Text = StatementTrace.Head(statement),
            Duration = duration,
            Rows = rows < 0 ? null : rows,
            IsOutside = isOutside,
            Locks = [.. Stronger(locksBefore, locks, filesBefore).Order(StringComparer.Ordinal)],
            Rewritten = PostgreSqlRelations.Rewritten(filesBefore, files),
            WalBytes = wal - walBefore,
        });

        return rows;
    }

    /// <inheritdoc/>
    public async Task<TracedRounds> BeginRoundsAsync(int number, SqlStatement statement)
    {
        files ??= await session.RunAsync(FilesAsync);
        var (_, wal) = await session.RunAsync(LookAsync);
        return new TracedRounds(number, statement, session.Time, LocksAsync, async trace => did(trace with { WalBytes = (await session.RunAsync(LookAsync)).Wal - wal }));
    }

    private async Task<IReadOnlyList<string>> LocksAsync() =>
        [.. Stronger(new Dictionary<uint, int>(), (await session.RunAsync(LookAsync)).Locks, files!).Order(StringComparer.Ordinal)];

    private static bool IsOfRows(SqlStatement statement) => statement.Begins("INSERT") || statement.Begins("UPDATE") || statement.Begins("DELETE") || statement.Begins("SELECT") || statement.Begins("COPY");

    // What the script made itself is locked for nobody else.
    private static IEnumerable<string> Stronger(Dictionary<uint, int> before, Dictionary<uint, int> after, Dictionary<uint, (string Name, uint File)> known) =>
        from held in after
        where known.ContainsKey(held.Key) && held.Value > before.GetValueOrDefault(held.Key, -1)
        select $"{known[held.Key].Name} {PostgreSqlRelations.Modes[held.Value]}";

    private async Task<(Dictionary<uint, int> Locks, long Wal)> LookAsync()
    {
        var held = await session.Runner.QueryAsync(
            """
            SELECT l.relation, l.mode FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
            WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted AND c.relkind IN ('r', 'p', 'm')
            """,
            [],
            row => (Table: row.GetFieldValue<uint>(0), Mode: Array.IndexOf(PostgreSqlRelations.Modes, row.GetString(1))),
            session.Abort);
        var wal = await session.Runner.ScalarAsync<long>(PostgreSqlRelations.Logged, [], session.Abort);

        return (held.GroupBy(one => one.Table).ToDictionary(one => one.Key, one => one.Max(held => held.Mode)), wal);
    }

    private Task<Dictionary<uint, (string Name, uint File)>> FilesAsync() => PostgreSqlRelations.FilesAsync(session.Runner, session.Abort);
}
