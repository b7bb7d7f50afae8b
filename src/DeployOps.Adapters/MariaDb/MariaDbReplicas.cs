using System.Globalization;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// The replicas that are there, and how far they are behind. The server knows who reads its binary log and not how far they have come: that is asked of the replica itself, by
/// the same account, where it is registered with the host and port it is reached by (<c>report_host</c>). Seconds_Behind_Master is not gone by alone: it is the time of what
/// is replayed, and nothing where it has stopped.
/// </summary>
/// <param name="server">The database.</param>
/// <param name="expected">
/// How many replicas count: once that many are registered and known, others that read the binary log and are not, such as those who capture changes, are left out and told. Null
/// takes each reader for a replica.
/// </param>
internal sealed class MariaDbReplicas(MariaDbServer server, int? expected = null) : IAsyncDisposable
{
    private const string Advice = "let each replica say report_host and report_port by which it is reached, and GRANT the account BINLOG MONITOR and REPLICATION MASTER ADMIN here and REPLICA MONITOR there; where it is no replica, say by Limits.Replicas how many there are";
    private const string LeftOut = "those who are left out";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly Dictionary<string, MySqlConnection> open = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> unknown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);
    private readonly ReplicationClock clock = new();
    private readonly MariaDbBinaryLog log = new();
    private long primary;

    // A gate may look while the watch does.
    private readonly SemaphoreSlim turn = new(1);

    /// <summary>How many bytes of the binary log were written at the last look.</summary>
    internal long Written => log.Written;

    /// <summary>Those of which it was not known at the last look how far they are.</summary>
    internal IReadOnlyList<string> UnknownNames => [.. unknown.Keys];

    /// <summary>What is not known of them, in words.</summary>
    internal IEnumerable<string> Unknown => told.Values;

    /// <summary>Takes a look.</summary>
    /// <param name="control">A connection to the primary.</param>
    /// <param name="dumping">Who reads the binary log of the primary.</param>
    /// <param name="at">When, since the script's beginning.</param>
    /// <returns>Those of which it is known, and why it is not known of the others, with what to do; that is empty where it is known of all.</returns>
    internal async Task<(IReadOnlyList<ReplicaLag> Lags, string Unknown)> LookAsync(MariaDbControl control, IReadOnlyList<MariaDbSampling.Connection> dumping, TimeSpan at)
    {
        if (dumping.Count == 0)
        {
            return ([], "");
        }

        await turn.WaitAsync(CancellationToken.None);
        try
        {
            var lags = await LagsAsync(control, dumping, at);
            return ([.. lags.OfType<ReplicaLag>()], lags.Contains(null) ? $"{string.Join("; ", unknown.Select(one => $"{one.Key}: {one.Value}"))}; {Advice}" : "");
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in open.Values)
        {
            await connection.DisposeAsync();
        }

        turn.Dispose();
    }

    private async Task<IReadOnlyList<ReplicaLag?>> LagsAsync(MariaDbControl control, IReadOnlyList<MariaDbSampling.Connection> dumping, TimeSpan at)
    {
        var registered = await control.UseAsync(connection => PrimaryAsync(connection, at));
        var lags = new List<ReplicaLag?>();
        unknown.Clear();
        foreach (var (id, host, port) in registered.Take(dumping.Count))
        {
            lags.Add(await LagAsync(string.Create(CultureInfo.InvariantCulture, $"replica {id}"), host, port));
        }

        var others = dumping.Skip(lags.Count).ToList();
        if (expected is { } count && !lags.Contains(null) && lags.Count >= count)
        {
            told.Remove(LeftOut);
            if (others.Count > 0)
            {
                told[LeftOut] = string.Create(CultureInfo.InvariantCulture, $"how far {others.Count} more who read the binary log are behind: {(count == 1 ? "1 replica counts" : $"{count} replicas count")}, and {string.Join(", ", others.Select(one => one.Name).Distinct(StringComparer.Ordinal))} read{(others.Count == 1 ? "s" : "")} it without report_host");
            }

            return lags;
        }

        // Who is not registered by name may be a replica all the same.
        foreach (var one in others)
        {
            lags.Add(Untold(one.Name, "it is not registered with report_host, or the account lacks REPLICATION MASTER ADMIN"));
        }

        return lags;
    }

    private async Task<IReadOnlyList<(long Id, string Host, uint Port)>> PrimaryAsync(MySqlConnection connection, TimeSpan at)
    {
        try
        {
            await log.ReadAsync(connection);
            primary = (long)await connection.NumberAsync("SELECT @@GLOBAL.server_id", [], CancellationToken.None);
            clock.See(at, log.Written);
            var hosts = await connection.QueryAsync("SHOW SLAVE HOSTS", [], row => (Id: (long)row.Number(0), Host: row.Text(1), Port: (uint)row.Number(2)), CancellationToken.None);
            return hosts.FindAll(one => one.Host.Length > 0);
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return [];
        }
    }

    // Null where it is not known, which is not the same as none.
    private async Task<ReplicaLag?> LagAsync(string name, string host, uint port)
    {
        try
        {
            var connection = await ConnectAsync(host, port);
            using var limit = new CancellationTokenSource(Patience);
            var found = await connection.QueryAsync(
                "SHOW ALL SLAVES STATUS",
                [],
                row => (Runs: row.Text(row.GetOrdinal("Slave_SQL_Running")) == "Yes", Master: (long)row.Number(row.GetOrdinal("Master_Server_Id")), File: row.Text(row.GetOrdinal("Relay_Master_Log_File")), Position: (long)row.Number(row.GetOrdinal("Exec_Master_Log_Pos")), Behind: row.IsDBNull(row.GetOrdinal("Seconds_Behind_Master")) ? (double?)null : row.Number(row.GetOrdinal("Seconds_Behind_Master"))),
                limit.Token);
            // One of several sources: what it has of the others says nothing of ours.
            var ours = found.FindIndex(source => source.Master == primary);
            if (ours < 0 || log.At(found[ours].File, found[ours].Position) is not { } replayed)
            {
                return Untold(name, "it replicates something else");
            }

            told.Remove(name);
            // One that has stopped does not begin again by itself, and Seconds_Behind_Master says nothing then. Why it has, Last_SQL_Error, may hold values of rows.
            return !found[ours].Runs && replayed < log.Written
                ? new ReplicaLag(name, log.Written - replayed, null) { Why = "it has stopped to replay, its Slave_SQL_Running is not Yes" }
                : new ReplicaLag(name, Math.Max(log.Written - replayed, 0), clock.LagOf(replayed, found[ours].Behind is { } seconds ? TimeSpan.FromSeconds(seconds) : null));
        }
        catch (Exception e) when (e is MySqlException or DeployOpsException or OperationCanceledException)
        {
            return Untold(name, e is MySqlException fault ? MariaDbErrors.Words(fault) : e.Message.TrimEnd('.'));
        }
    }

    private async Task<MySqlConnection> ConnectAsync(string host, uint port)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        if (open.TryGetValue(key, out var known) && known.State == System.Data.ConnectionState.Open)
        {
            return known;
        }

        if (known is not null)
        {
            await known.DisposeAsync();
        }

        using var limit = new CancellationTokenSource(Patience);
        return open[key] = await server.On(host, port).OpenServerAsync(limit.Token);
    }

    private ReplicaLag? Untold(string name, string why)
    {
        unknown[name] = why;
        told[name] = $"how far {name} is behind: {why}";
        return null;
    }
}
