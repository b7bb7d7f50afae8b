using DeployOps.Migrations.Validations;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Asks a replica, once it has replayed what the primary had written when it was to be asked.</summary>
/// <param name="primary">The database.</param>
/// <param name="replica">The same on the replica.</param>
/// <param name="timeout">How long one query may run.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class MariaDbReplicaValidations(MariaDbServer primary, MariaDbServer replica, TimeSpan timeout, DatabaseJobs jobs) : IValidationTarget
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private readonly MariaDbValidations validations = new(replica, timeout, jobs);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>, <c>DatabaseBusy</c>, <c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public async Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        await jobs.RunAsync(FollowsAsync, cancellationToken);
        return await validations.QueryAsync(sql, sampleRows, redact, cancellationToken);
    }

    // Who asks gives up after a while; until then it is waited for, since a replica is always a little behind.
    private async Task<bool> FollowsAsync(CancellationToken token)
    {
        await using var there = await replica.OpenServerAsync(token);
        try
        {
            var followed = await there.QueryAsync("SHOW ALL SLAVES STATUS", [], row => (long)row.Number(row.GetOrdinal("Master_Server_Id")), token);
            if (followed.Count == 0)
            {
                throw NoReplica("it follows no other server");
            }

            var (written, id) = await WrittenAsync(token);
            if (!followed.Contains(id))
            {
                throw NoReplica($"it follows another server than {primary.Place}");
            }

            while (await there.NumberAsync("SELECT MASTER_GTID_WAIT(@p0, 0)", [written], token) != 0)
            {
                await Task.Delay(BetweenLooks, jobs.Time, token);
            }

            return true;
        }
        catch (MySqlException e)
        {
            throw MariaDbErrors.Of(replica, e);
        }
    }

    private async Task<(string Position, long Server)> WrittenAsync(CancellationToken token)
    {
        await using var connection = await primary.OpenServerAsync(token);
        try
        {
            var position = await connection.QueryAsync("SELECT @@GLOBAL.gtid_binlog_pos, @@GLOBAL.server_id", [], row => (row.Text(0), (long)row.Number(1)), token);
            return position[0];
        }
        catch (MySqlException e)
        {
            throw MariaDbErrors.Of(primary, e);
        }
    }

    private DeployOpsException NoReplica(string why) => new("DatabaseReadFailed", FaultKind.Failed, $"{replica.Place} is no replica: {why}.", "Correct Databases.Replica.") { Target = replica.Place };
}
