using System.Globalization;
using DeployOps.Backups;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// What a restore would break of replication. It makes a database beside the live one and moves its tables: a replica that replays the one and not the other stops. And a server that
/// replays what another one sends would replay it on the restored tables.
/// </summary>
internal static class MariaDbReplicationHindrance
{
    private const string Made = "what is made in databases deployops_…";
    private const string Replayers = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'system user' AND COMMAND = 'Slave_SQL'";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>That it replays what another server sends of the database.</summary>
    /// <param name="connection">A connection to the server, which is shown who else is connected.</param>
    /// <param name="database">The database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<RestoreHindrance?> OfSourcesAsync(MySqlConnection connection, string database, CancellationToken cancellationToken)
    {
        if (await connection.NumberAsync(Replayers, [], cancellationToken) == 0)
        {
            return null;
        }

        try
        {
            var sources = await connection.QueryAsync(
                "SHOW ALL SLAVES STATUS",
                [],
                row => (IsRunning: Of(row, "Slave_SQL_Running") != "No", Name: $"{Of(row, "Master_Host")}:{Of(row, "Master_Port")}", Filter: MariaDbReplicationFilter.OfReplica(row)),
                cancellationToken);
            return sources.Find(source => source.IsRunning && !source.Filter.LeavesOut(database)) is { Name: { } name }
                ? new RestoreHindrance($"the server replays what {name} sends of it, and would go on with that on the restored tables", $"Restore it on {name}; where nothing is written there, STOP SLAVE here for as long as it is restored.") { MayPass = true }
                : null;
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return new RestoreHindrance("the server replays what another one sends, and this account is not shown whether that is of this database", "Grant the account REPLICA MONITOR.") { MayPass = true };
        }
    }

    /// <summary>That whoever replays the server's binary log would stop at the exchange. Of whom that cannot be known, it is told, which refuses nothing.</summary>
    /// <param name="connection">A connection to the server.</param>
    /// <param name="live">The database.</param>
    /// <param name="expected">How many replicas count; others who read the log do not once that many are known. Null: each does.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<RestoreHindrance?> OfReplicasAsync(MySqlConnection connection, MariaDbServer live, int? expected, CancellationToken cancellationToken)
    {
        if (!await MariaDbReaders.HasLogAsync(connection, cancellationToken))
        {
            return null;
        }

        try
        {
            var log = await connection.QueryAsync("SHOW MASTER STATUS", [], MariaDbReplicationFilter.OfLog, cancellationToken);
            if (log is [var filter] && filter.Splits(live.Database) is { } left)
            {
                return new RestoreHindrance(
                    $"the server's binary log leaves out {Made} ({left}), and has the exchange with it: whoever replays the log stops there", $"Start the server without that, and let replicas filter: {Way(live)}.");
            }

            var readers = await MariaDbReaders.CountAsync(connection, cancellationToken);
            if (readers == 0)
            {
                return null;
            }

            var source = await connection.NumberAsync("SELECT @@GLOBAL.server_id", [], cancellationToken);
            var replicas = (await connection.QueryAsync("SHOW SLAVE HOSTS", [], row => (Id: row.Text(0), Host: row.Text(1), Port: (uint)row.Number(2)), cancellationToken)).FindAll(one => one.Host.Length > 0);
            var unknown = new List<string>();
            foreach (var (id, host, port) in replicas)
            {
                switch (await FilterAsync(live.On(host, port), source, cancellationToken))
                {
                    case (_, { } why):
                        unknown.Add($"replica {id}: {why}");
                        break;
                    case ({ } theirs, _) when theirs.Splits(live.Database) is { } option:
                        return new RestoreHindrance($"replica {id} leaves out {Made} ({option}), replays the exchange with it, and stops there", $"Let it replicate that, too: {Way(live)}. Or take it out of replication, and set it up anew when it is restored.");
                }
            }

            if (readers is null)
            {
                unknown.Add(MariaDbReaders.Hidden);
            }
            else if (readers > replicas.Count && !(replicas.Count >= expected))
            {
                unknown.Add(string.Create(CultureInfo.InvariantCulture, $"{readers - replicas.Count} who read the binary log are not registered with report_host"));
            }

            return unknown.Count == 0 ? null : Unknown(string.Join("; ", unknown));
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return Unknown($"grant the account BINLOG MONITOR and REPLICATION MASTER ADMIN ({MariaDbErrors.Words(e)})");
        }
    }

    // Null where it replicates something else.
    private static async Task<(MariaDbReplicationFilter? Filter, string? Unknown)> FilterAsync(MariaDbServer replica, long source, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await replica.OpenServerAsync(Patience, cancellationToken);
            var found = await connection.QueryAsync("SHOW ALL SLAVES STATUS", [], row => (Source: Of(row, "Master_Server_Id"), Filter: MariaDbReplicationFilter.OfReplica(row)), cancellationToken);
            return (found.Find(one => one.Source == source.ToString(CultureInfo.InvariantCulture)).Filter, null);
        }
        catch (Exception e) when (e is MySqlException or DeployOpsException { ErrorId: "DatabaseUnreachable" })
        {
            return (null, e is MySqlException fault ? MariaDbErrors.Words(fault) : e.Message.TrimEnd('.'));
        }
    }

    private static string Of(MySqlDataReader row, string column) => row.Text(row.GetOrdinal(column));

    private static string Way(MariaDbServer live) => $@"replicate_wild_do_table={live.Database}.%,deployops\_%.%";

    private static RestoreHindrance Unknown(string why) => new(
        $"whether each replica replays {Made}, without which it would stop at the exchange, is not known: {why}", "See there that no filter in SHOW ALL SLAVES STATUS leaves them out.")
    { IsCertain = false };
}
