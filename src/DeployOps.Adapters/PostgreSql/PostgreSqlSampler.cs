using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Looks at a session that runs a script, at who waits for it and at the replicas, in one round trip.</summary>
/// <param name="control">What it looks by.</param>
/// <param name="process">What runs the script.</param>
/// <param name="oldFrom">From what age on a transaction of somebody else is told.</param>
/// <param name="host">The server's machine, where it is this one.</param>
/// <param name="time">The clock.</param>
/// <param name="seen">When the primary had written what, as earlier looks have seen it.</param>
internal sealed class PostgreSqlSampler(PostgreSqlControl control, PostgreSqlRunnerProcess process, TimeSpan oldFrom, PostgreSqlHost host, TimeProvider time, ReplicationClock seen) : IScriptSampler
{
    private static readonly TimeSpan BetweenSizes = TimeSpan.FromSeconds(2);

    // Of the time between two, one takes so little: the server looks at each file.
    private const int PartOfTime = 200;
    private static readonly TimeSpan LongestMeasured = TimeSpan.FromMilliseconds(100);
    private readonly long started = time.GetTimestamp();
    private TimeSpan nextSize = BetweenSizes;
    private (long First, long Last)? size;
    private bool wantsSize;
    private bool isTooLarge;
    private bool hasFailed;
    private bool isHidden;

    // Those of other accounts that are as old as they were when they were first seen, or older: all that came later is known to be younger than the looks.
    private HashSet<string>? ageless;

    /// <inheritdoc/>
    public TimeSpan Elapsed => time.GetElapsedTime(started);

    /// <inheritdoc/>
    public IEnumerable<string> Unknown => new[] { host.Unknown, isHidden ? PostgreSqlSampling.Hidden : null }.OfType<string>();

    /// <inheritdoc/>
    public string? ProcessorsUnknown => host.ProcessorsUnknown;

    /// <inheritdoc/>
    public string Words(Exception fault) => fault is NpgsqlException ? PostgreSqlErrors.Words(fault) : fault.Message;

    /// <inheritdoc/>
    public Task<MigrationSample> LookAsync() => control.UseAsync(async connection =>
    {
        var disks = await host.DisksAsync(connection);
        var cpu = await host.CpuAsync(connection);
        await using var batch = Batch(connection, await process.NumberOnAsync(connection));
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        var sample = new MigrationSample { Elapsed = Elapsed, Cpu = cpu, Disk = disks.Count > 0 ? disks[0] : null, OtherDisks = [.. disks.Skip(1)] };
        sample = (await RowsAsync(reader, row => Activity(sample, row))).FirstOrDefault(sample);
        var locks = await RowsAsync(reader, row => row.GetString(0));
        var blocks = await RowsAsync(reader, Blocked);
        var blockers = await RowsAsync(reader, PostgreSqlSampling.Blocker);
        var replicas = await RowsAsync(reader, Replica);
        var old = await RowsAsync(reader, row => new OldTransaction(row.GetString(0), Seconds(row.GetDouble(1))));
        var work = await RowsAsync(reader, row => (Phase: row.GetString(0), Percent: row.IsDBNull(1) ? null : (int?)row.GetInt32(1)));
        var slots = await RowsAsync(reader, Slot);
        SeeHidden(await RowsAsync(reader, row => row.GetString(0)));
        await reader.DisposeAsync();
        await MeasureAsync(connection, sample.State == "active" && work is not [{ Percent: not null }]);

        return sample with
        {
            StrongLocks = locks,
            Blocks = blocks[0],
            BlockedBy = blockers,
            Replicas = replicas.Contains(null) ? null : [.. replicas.OfType<ReplicaLag>()],
            ReplicasUnknown = replicas.Contains(null) ? "the account may not see replication; GRANT pg_monitor TO it" : "",
            OldTransactions = old,
            OldTransactionsUnknown = ageless is { Count: > 0 } ? $"{(ageless.Count == 1 ? "a session of another account is" : $"{ageless.Count} sessions of other accounts are")} in a transaction since before the first look; GRANT pg_monitor to this account" : "",
            DiskUnknown = host.Unknown ?? "",
            Slots = slots,
            Grown = wantsSize && size is { } grown ? grown.Last - grown.First : null,
            Work = work.Count > 0 ? work[0].Phase : "",
            Percent = work.Count > 0 ? work[0].Percent : null,
        };
    });

    // By the size of the files, which asks for no lock: a table that is written anew is locked, and its new file belongs to no table yet.
    private async Task MeasureAsync(NpgsqlConnection connection, bool isWanted)
    {
        wantsSize = isWanted;
        if (!isWanted || isTooLarge || Elapsed < nextSize)
        {
            return;
        }

        var began = Elapsed;
        await connection.ExecuteAsync(CancellationToken.None, "BEGIN READ ONLY", $"SET LOCAL statement_timeout = {PostgreSqlSettings.Milliseconds(LongestMeasured)}");
        try
        {
            var now = await connection.ScalarAsync<long>("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())", [], CancellationToken.None);
            size = (size?.First ?? now, now);
        }
        catch (PostgresException)
        {
            // So many files that the next look would come late, or nothing that this account may ask. It is not asked for a third time: whom the script blocks is what looks are for.
            (size, isTooLarge) = (null, hasFailed);
            hasFailed = true;
        }

        await connection.ExecuteAsync(CancellationToken.None, "ROLLBACK");
        var took = Elapsed - began;
        nextSize = Elapsed + (took * PartOfTime > BetweenSizes ? took * PartOfTime : BetweenSizes);
    }

    private void SeeHidden(List<string> transactions)
    {
        ageless ??= [.. transactions];
        ageless.IntersectWith(transactions);
    }

    private static ReplicationSlot Slot(NpgsqlDataReader row) => new(row.GetString(0), row.GetBoolean(1), row.GetString(2), row.GetInt64(3), row.IsDBNull(4) ? null : row.GetInt64(4));

    private NpgsqlBatch Batch(NpgsqlConnection connection, int pid)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var (sql, values) in PostgreSqlSampling.Queries(connection.PostgreSqlVersion.Major, pid, oldFrom))
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = value });
            }

            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    private MigrationSample Activity(MigrationSample sample, NpgsqlDataReader row)
    {
        isHidden = row.GetBoolean(3);
        return sample with
        {
            State = row.GetString(0),
            WaitsFor = row.IsDBNull(1) ? "" : $"{row.GetString(1)}/{row.GetString(2)}",
            WaitsForLock = !row.IsDBNull(1) && row.GetString(1) == "Lock",
        };
    }

    private static BlockedSessions Blocked(NpgsqlDataReader row) => new((int)row.GetInt64(0), Seconds(row.GetDouble(1)), row.GetFieldValue<string[]>(2));

    // Null where the account may not see it: rows are there then, without what they say.
    private ReplicaLag? Replica(NpgsqlDataReader row)
    {
        var written = row.GetInt64(1);
        // By a clock that goes on from script to script.
        seen.See(time.GetElapsedTime(0), written);
        if (row.IsDBNull(2))
        {
            return null;
        }

        var replayed = row.GetInt64(2);
        return new ReplicaLag(row.GetString(0), Math.Max(written - replayed, 0), seen.LagOf(replayed, row.IsDBNull(3) ? null : Seconds(row.GetDouble(3)))) { IsAtLeast = !seen.HasSeen(replayed) };
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Max(seconds, 0));

    private static async Task<List<T>> RowsAsync<T>(NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(CancellationToken.None))
        {
            rows.Add(read(reader));
        }

        await reader.NextResultAsync(CancellationToken.None);
        return rows;
    }
}
