using System.Globalization;
using DeployOps.Migrations.Validations;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Asks a replica, once it has replayed what the primary had written when it was to be asked.</summary>
/// <param name="primary">The database.</param>
/// <param name="replica">The same on the replica.</param>
/// <param name="timeout">How long one query may run.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class PostgreSqlReplicaValidations(PostgreSqlServer primary, PostgreSqlServer replica, TimeSpan timeout, DatabaseJobs jobs) : IValidationTarget
{
    private const string Cluster = "SELECT system_identifier::text FROM pg_control_system()";
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private readonly PostgreSqlValidations validations = new(replica, timeout, jobs);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>ValidationQueryFailed</c>, <c>DatabaseBusy</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public async Task<QueryAnswer> QueryAsync(string sql, int sampleRows, Func<string, string> redact, CancellationToken cancellationToken)
    {
        await jobs.RunAsync(FollowsAsync, cancellationToken);
        return await validations.QueryAsync(sql, sampleRows, redact, cancellationToken);
    }

    // Who asks gives up after a while; until then it is waited for, since a replica is always a little behind.
    private async Task<bool> FollowsAsync(CancellationToken token)
    {
        await using var there = await replica.OpenAsync("validation", token);
        try
        {
            if (!await there.ScalarAsync<bool>("SELECT pg_is_in_recovery()", [], token))
            {
                throw new DeployOpsException("DatabaseReadFailed", FaultKind.Failed, $"{replica.Place} is no replica: it recovers from no other server.", "Correct Databases.Replica.") { Target = replica.Place };
            }

            var (written, cluster) = await WrittenAsync(token);
            if (await there.ScalarAsync<string>(Cluster, [], token) != cluster)
            {
                throw new DeployOpsException("DatabaseReadFailed", FaultKind.Failed, $"{replica.Place} is no replica of {primary.Place}: it was copied from another server.", "Correct Databases.Replica.") { Target = replica.Place };
            }

            while (!await there.ScalarAsync<bool>(string.Create(CultureInfo.InvariantCulture, $"SELECT coalesce(pg_last_wal_replay_lsn() >= '{written}', false)"), [], token))
            {
                await Task.Delay(BetweenLooks, jobs.Time, token);
            }

            return true;
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Of(replica, e);
        }
    }

    private async Task<(string Position, string Cluster)> WrittenAsync(CancellationToken token)
    {
        await using var connection = await primary.OpenAsync("validation", token);
        return ((await connection.ScalarAsync<string>("SELECT pg_current_wal_flush_lsn()::text", [], token))!, (await connection.ScalarAsync<string>(Cluster, [], token))!);
    }
}
