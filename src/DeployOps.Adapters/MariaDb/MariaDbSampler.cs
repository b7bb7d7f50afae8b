using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Watching;
using MySqlConnector;
using static DeployOps.Adapters.MariaDb.MariaDbSampling;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Looks at a session that runs a script, at who waits for it and at the replicas. For whom somebody waits is told of rows alone. Who has waited for a metadata lock since the script
/// began to hold its own counts as waiting for it where his statement names what the script holds or waits for; where that cannot be told by words that name a view, in this database. Where
/// the server shows nobody's metadata locks, names alone tell (<see cref="MariaDbNamedTables"/>), and of whom they cannot tell it he counts too, and that is said.
/// </summary>
/// <param name="server">The database.</param>
/// <param name="control">What it looks by.</param>
/// <param name="number">The connection that runs the script.</param>
/// <param name="oldFrom">From what age on a transaction of somebody else is told.</param>
/// <param name="time">The clock.</param>
/// <param name="expected">How many replicas count; null for each who reads the binary log.</param>
internal sealed class MariaDbSampler(MariaDbServer server, MariaDbControl control, long number, TimeSpan oldFrom, TimeProvider time, int? expected = null) : IScriptSampler, IAsyncDisposable
{
    internal const string Hidden = "transactions and waits of other accounts: grant PROCESS";
    private const string Anonymous = "who holds metadata locks: install the plugin metadata_lock_info";
    private const string Untold = "whether some of those who waited did so for the script; they counted as if they had";

    // What was seen to wait is timed from the first look: of rows the server tells whole seconds, of metadata locks how long the statement runs.
    private readonly Dictionary<long, TimeSpan> waiting = [];
    private readonly MariaDbNamedTables ownTables = new();
    private readonly MariaDbHost host = new(server);
    private readonly MariaDbReplicas replicas = new(server, expected);
    private readonly long started = time.GetTimestamp();
    private long heldSince = time.GetTimestamp();
    private bool isHidden;
    private MariaDbLockSight? sight;
    private bool hasGuessed;
    private bool? hasBinaryLog;

    /// <inheritdoc/>
    public TimeSpan Elapsed => time.GetElapsedTime(started);

    /// <inheritdoc/>
    public IEnumerable<string> Unknown => new[] { host.Unknown, isHidden ? Hidden : null, HidesReaders ? $"replicas: {MariaDbReaders.Hidden}" : null, sight is { SeesLocks: false } ? Anonymous : null, hasGuessed ? Untold : null }.OfType<string>().Concat(replicas.Unknown);

    // Whoever reads the log is a replica, or may be.
    private bool HidesReaders => isHidden && hasBinaryLog == true;

    /// <summary>The script holds from now on what it holds.</summary>
    internal void HoldsFromNow()
    {
        ownTables.Forget();
        Interlocked.Exchange(ref heldSince, time.GetTimestamp());
    }

    /// <summary>The script runs a statement, and holds what that locks until it holds anew.</summary>
    internal void Runs(string sql) => ownTables.See(sql);

    /// <inheritdoc/>
    public string Words(Exception fault) => MariaDbErrors.Words(fault);

    /// <inheritdoc/>
    public async Task<MigrationSample> LookAsync()
    {
        var (sample, dumping) = await control.UseAsync(LookAsync);
        if (HidesReaders)
        {
            return sample with { Replicas = null, ReplicasUnknown = MariaDbReaders.Hidden };
        }

        // Not while the connection is held that cancels: a replica may be slow to answer.
        var (lags, unknown) = await replicas.LookAsync(control, dumping, Elapsed);
        return sample with { Replicas = unknown.Length > 0 ? null : lags, ReplicasUnknown = unknown };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => replicas.DisposeAsync();

    private async Task<(MigrationSample Sample, IReadOnlyList<Connection> Dumping)> LookAsync(MySqlConnection connection)
    {
        var held = time.GetElapsedTime(Interlocked.Read(ref heldSince));
        var everyone = await connection.QueryAsync(Connections, [], ConnectionOf, CancellationToken.None);
        var ages = new Dictionary<long, TimeSpan>();
        var rowWaits = new List<(long Waiter, long Holder, TimeSpan Time)>();
        await AskHiddenAsync(async () =>
        {
            foreach (var (id, age) in await connection.QueryAsync(Transactions, [], row => ((long)row.Number(0), TimeSpan.FromSeconds(Math.Max(row.Number(2), 0))), CancellationToken.None))
            {
                ages[id] = age;
            }

            rowWaits = await connection.QueryAsync(RowWaits, [], row => ((long)row.Number(0), (long)row.Number(1), TimeSpan.FromSeconds(Math.Max(row.Number(2), 0))), CancellationToken.None);
        });
        hasBinaryLog ??= await MariaDbReaders.HasLogAsync(connection, CancellationToken.None);
        sight ??= await MariaDbLockSight.FindAsync(connection);
        await (sight.SeesLocks ? Task.CompletedTask : ownTables.ReadAsync(connection, server.Database));
        var locks = sight.SeesLocks ? await connection.QueryAsync(sight.Everyone, [], LockOf, CancellationToken.None) : [];
        var ours = everyone.Find(one => one.Id == number);
        var waits = ours is not null && (ours.WaitsForMetadata || rowWaits.Exists(wait => wait.Waiter == number));

        return (new MigrationSample
        {
            Elapsed = Elapsed,
            Cpu = host.Cpu(),
            Disk = await host.DiskAsync(connection),
            State = ours is null ? "" : ours.Command == "Sleep" ? (ages.ContainsKey(number) ? "idle in transaction" : "idle") : "active",
            WaitsFor = ours is not null && (waits || ours.State is "User sleep" || ours.State.StartsWith("Waiting", StringComparison.Ordinal)) ? (ours.State.Length > 0 && !ours.State.Equals("Updating", StringComparison.OrdinalIgnoreCase) ? ours.State : "row lock") : "",
            WaitsForLock = waits,
            StrongLocks = [.. locks.Where(held => held.Holder == number && held.IsStrong).Select(held => $"{held.Mode} on {held.Table}").Distinct(StringComparer.Ordinal).Take(10)],
            Blocks = Blocked(everyone, rowWaits, one => WaitsForUs(one, everyone, locks, held)),
            BlockedBy = ours is null ? [] : [.. Blockers(ours, everyone, rowWaits, locks).Take(3).Select(one => one.Describe(ages.TryGetValue(one.Id, out var age) ? age : null))],
            OldTransactions = [.. Old(everyone, ages, locks, sight.SeesLocks).Take(5)],
            OldTransactionsUnknown = isHidden ? "the account may not see transactions of others; GRANT PROCESS to it" : "",
            DiskUnknown = host.Unknown ?? "",
            Work = ours?.Percent is null ? "" : ours.State,
            Percent = ours?.Percent,
        }, everyone.FindAll(one => one.ReadsLog));
    }

    private async Task AskHiddenAsync(Func<Task> ask)
    {
        if (isHidden)
        {
            return;
        }

        try
        {
            await ask();
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            isHidden = true;
        }
    }

    private BlockedSessions Blocked(List<Connection> everyone, List<(long Waiter, long Holder, TimeSpan Time)> rowWaits, Func<Connection, bool> waitsForUs)
    {
        var now = Elapsed;
        var ofRows = rowWaits.Where(wait => wait.Holder == number).Select(wait => wait.Waiter).ToHashSet();
        var blocked = everyone.FindAll(one => one.Id != number && (ofRows.Contains(one.Id) || waitsForUs(one)));
        foreach (var id in waiting.Keys.Except(blocked.Select(one => one.Id)).ToList())
        {
            waiting.Remove(id);
        }

        var longest = TimeSpan.Zero;
        foreach (var one in blocked)
        {
            waiting.TryAdd(one.Id, one.WaitsForMetadata ? now - one.Time : now);
            longest = now - waiting[one.Id] > longest ? now - waiting[one.Id] : longest;
        }

        return new BlockedSessions(blocked.Count, longest, [.. blocked.Select(one => one.Name).Distinct(StringComparer.Ordinal)]);
    }

    private bool WaitsForUs(Connection one, List<Connection> everyone, List<MariaDbSampling.Lock> locks, TimeSpan held)
    {
        if (!one.WaitsForMetadata || one.Time > held)
        {
            return false;
        }

        if (sight is { SeesLocks: false })
        {
            return MayWaitForUs(one, everyone);
        }

        var ours = everyone.Find(other => other.Id == number);
        var named = locks.FindAll(table => table.Holder != one.Id && one.Names(table));
        return named.Exists(table => (table.Holder == number && KeepsOut(table)) || (ours is { WaitsForMetadata: true } && table.IsOf(ours.Sql, server.Database)))
            || (!named.Exists(KeepsOut) && (one.Database == server.Database || MariaDbSampling.Names(one.Sql, server.Database)));

        // Behind one that waits for a table, others wait whatever it holds of it by now; rows are kept from by strong locks alone.
        bool KeepsOut(MariaDbSampling.Lock table) => table.IsStrong || !one.IsOfRows || everyone.Exists(other => other.Id == table.Holder && other.WaitsForMetadata);
    }

    // Without anybody's locks to be seen, names tell.
    private bool MayWaitForUs(Connection one, List<Connection> everyone)
    {
        if (one.Database != server.Database && !MariaDbSampling.Names(one.Sql, server.Database))
        {
            return false;
        }

        if (ownTables.AreNamedBy(one, server.Database))
        {
            return true;
        }

        // Behind a definition that is older, he waits for that one's table.
        if (ownTables.AreAll || everyone.Exists(other => other.Id != number && other.Id != one.Id && other.Time >= one.Time && other.Defines().Any(one.Names)))
        {
            return false;
        }

        hasGuessed = true;
        return true;
    }

    private IEnumerable<Connection> Blockers(Connection ours, List<Connection> everyone, List<(long Waiter, long Holder, TimeSpan Time)> rowWaits, List<MariaDbSampling.Lock> locks)
    {
        var holders = rowWaits.Where(wait => wait.Waiter == number).Select(wait => wait.Holder).ToHashSet();
        if (ours.WaitsForMetadata)
        {
            var tables = locks.Where(held => held.Holder == number).Select(held => held.Table).ToHashSet(StringComparer.OrdinalIgnoreCase);
            holders.UnionWith(locks.Where(held => held.Holder != number && (tables.Contains(held.Table) || held.IsOf(ours.Sql, server.Database))).Select(held => held.Holder));
        }

        return everyone.Where(one => one.Id != number && holders.Contains(one.Id) && !(one.WaitsForMetadata && one.Time < ours.Time));
    }

    private IEnumerable<OldTransaction> Old(List<Connection> everyone, Dictionary<long, TimeSpan> ages, List<MariaDbSampling.Lock> locks, bool areShown) =>
        from open in ages
        where open.Key != number && open.Value > oldFrom
        let owner = everyone.Find(one => one.Id == open.Key)
        where owner is null || owner.Database == server.Database || MayHold(owner, locks, areShown)
        orderby open.Value descending
        select new OldTransaction(owner is null ? "prepared transaction" : $"connection {open.Key} ({owner.Name}), {owner.Command.ToLowerInvariant()},", open.Value);

    // Whoever has chosen another database, or none, may use tables of this one by its name. Where no locks are shown, of whom has chosen none nobody can tell.
    private bool MayHold(Connection owner, List<MariaDbSampling.Lock> locks, bool areShown) => areShown
        ? locks.Exists(table => table.Holder == owner.Id && table.Database.Equals(server.Database, StringComparison.OrdinalIgnoreCase))
        : owner.Database.Length == 0;
}
