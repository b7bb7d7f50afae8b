using System.Globalization;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Records what a script does to the live database, to be compared with its rehearsal. It asks by the connection beside the script's, in no transaction of the script, and takes no lock:
/// after each statement what the script has locked, which takes less than a millisecond, and before and after the script which files tables lie in. Where a look takes longer, or somebody
/// else looks at that moment, the script goes on without it; what was not seen then is seen by the next one, since locks stay until the commit.
/// </summary>
/// <param name="session">Where the script runs.</param>
/// <param name="control">What is asked by.</param>
/// <param name="process">What runs the script.</param>
/// <param name="observer">Is told.</param>
/// <param name="isOneTransaction">Whether the script is one transaction, so that a statement's locks are those that the ones before it had not.</param>
internal sealed class PostgreSqlRecorder(PostgreSqlSession session, PostgreSqlControl control, PostgreSqlRunnerProcess process, IMigrationObserver observer, bool isOneTransaction) : IStatementTracer
{
    // All looks of a script together may cost it so much, and a millisecond for each statement.
    private static readonly TimeSpan Allowed = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AllowedEach = TimeSpan.FromMilliseconds(1);

    private Dictionary<uint, (string Name, uint File)>? files;
    private Dictionary<string, int> held = new(StringComparer.Ordinal);
    private TimeSpan spent;
    private NpgsqlBatch? looking;
    private bool isTooSlow;
    private long? logged;
    private int last;

    /// <inheritdoc/>
    public async Task BeginAsync()
    {
        files = await AskAsync(connection => PostgreSqlRelations.FilesAsync(connection, CancellationToken.None));
        // Once before, so that it is planned, and what it reads is at hand.
        logged = (await AskAsync(LookAsync))?.Logged;
    }

    /// <inheritdoc/>
    public async Task<long> RunAsync(int number, SqlStatement statement, bool isOutside, Func<Task<long>> work)
    {
        // Another try begins with nothing.
        held = number <= last || !isOneTransaction ? new(StringComparer.Ordinal) : held;
        last = number;
        session.Watch.TakeStrongLocks();
        var started = session.Time.GetTimestamp();
        var rows = await work();
        var duration = session.Time.GetElapsedTime(started);
        var look = await BrieflyAsync();
        observer.Did(new StatementTrace
        {
            Number = number,
            Line = statement.Line,
            Text = StatementTrace.Head(statement),
            Duration = duration,
            Rows = rows < 0 ? null : rows,
            IsOutside = isOutside,
            Locks = isOutside ? session.Watch.TakeStrongLocks() : look is null ? [] : PostgreSqlRelations.Stronger(held, look.Locks),
            WalBytes = look?.Logged - logged,
        });
        held = look?.Locks ?? held;
        logged = look?.Logged;

        return rows;
    }

    /// <inheritdoc/>
    public async Task<TracedRounds> BeginRoundsAsync(int number, SqlStatement statement)
    {
        var before = (await BrieflyAsync())?.Logged;
        return new TracedRounds(
            number,
            statement,
            session.Time,
            async () => await BrieflyAsync() is { } look ? PostgreSqlRelations.Stronger(new(StringComparer.Ordinal), look.Locks) : [],
            async trace =>
            {
                logged = (await BrieflyAsync())?.Logged;
                observer.Did(trace with { WalBytes = logged - before });
            });
    }

    /// <inheritdoc/>
    public async Task EndAsync()
    {
        if (files is not null && await AskAsync(connection => PostgreSqlRelations.FilesAsync(connection, CancellationToken.None)) is { } now)
        {
            observer.Rewrote(PostgreSqlRelations.Rewritten(files, now));
        }

        await (looking?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    // Whoever waits for a lock that the script holds waits for this, too.
    private async Task<Look?> BrieflyAsync()
    {
        if (isTooSlow)
        {
            return null;
        }

        var started = session.Time.GetTimestamp();
        var asking = control.IfFreeAsync(LookAsync);
        await ((Task)asking).WaitAsync(Allowed, session.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        spent += session.Time.GetElapsedTime(started) - AllowedEach;
        if (spent > Allowed)
        {
            isTooSlow = true;
            session.Watch.Blames(string.Create(CultureInfo.InvariantCulture, $"what statements locked, after statement {last}: looking at it cost the script more than a millisecond for each"));
        }

        return !asking.IsCompleted ? null : asking.IsCompletedSuccessfully ? await asking : Missed(asking.Exception?.GetBaseException());
    }

    private Look? Missed(Exception? fault)
    {
        session.Watch.Blames($"what a statement locked: {(fault is NpgsqlException e ? PostgreSqlErrors.Words(e) : fault?.Message ?? "it was given up")}");
        return null;
    }

    private async Task<T?> AskAsync<T>(Func<NpgsqlConnection, Task<T>> ask)
        where T : class
    {
        try
        {
            return await control.UseAsync(ask);
        }
        catch (Exception e) when (e is NpgsqlException or DeployOpsException or IOException or InvalidOperationException)
        {
            session.Watch.Blames($"which tables were written anew: {(e is NpgsqlException fault ? PostgreSqlErrors.Words(fault) : e.Message)}");
            return null;
        }
    }

    private async Task<Look> LookAsync(NpgsqlConnection connection)
    {
        await using var reader = await (await PreparedAsync(connection)).ExecuteReaderAsync(CancellationToken.None);
        var locks = new List<(string Name, string Mode)>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            locks.Add((reader.GetString(1), reader.GetString(2)));
        }

        await reader.NextResultAsync(CancellationToken.None);
        await reader.ReadAsync(CancellationToken.None);
        return new Look(PostgreSqlRelations.Strongest(locks), reader.GetInt64(0));
    }

    // The server plans it once: planning takes longer than looking. A connection that was lost is another one.
    private async Task<NpgsqlBatch> PreparedAsync(NpgsqlConnection connection)
    {
        if (looking?.Connection != connection)
        {
            await (looking?.DisposeAsync() ?? ValueTask.CompletedTask);
            looking = new NpgsqlBatch(connection).Add(PostgreSqlRelations.Locks, await process.NumberOnAsync(connection)).Add(PostgreSqlRelations.Logged);
            await looking.PrepareAsync(CancellationToken.None);
        }

        return looking;
    }

    private sealed record Look(Dictionary<string, int> Locks, long Logged);
}
