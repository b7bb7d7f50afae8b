using System.Globalization;
using DeployOps.Backups;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// What a restore loses beyond what was named: looked for while everybody still works, so that most of it is met without an outage, and again once nobody can write any more. Where
/// that was agreed to, it is told and refuses nothing.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="agreed">What somebody agreed to lose.</param>
/// <param name="proven">What the backup holds, by whose columns it is counted.</param>
/// <param name="warn">Is told what is lost though it was not named.</param>
internal sealed class PostgreSqlLosses(PostgreSqlServer live, AgreedLoss agreed, DatabaseFingerprint proven, Action<string> warn)
{
    // The first major version whose statistics are kept in shared memory: none of them is lost on the way.
    private const int CountsExactly = 15;

    private IReadOnlyList<string> seen = [];
    private long? written;

    /// <summary>Looks while the database serves.</summary>
    /// <exception cref="DeployOpsException"><c>RestoreLosesMore</c>.</exception>
    internal async Task LookAsync(CancellationToken token)
    {
        if (agreed.Counted.Tables.Count == 0)
        {
            return;
        }

        await using var connection = await live.OpenAsync("restore", token);
        written = await WrittenAsync(connection, token);
        seen = await MoreAsync(connection, token);
        if (seen.Count > 0 && !agreed.AlsoLater)
        {
            throw Refusal(seen, await PostgreSqlUsers.OthersAsync(connection, token));
        }
    }

    /// <summary>Looks again. Nobody is served meanwhile: it is counted whole only where somebody wrote since, and nobody agreed to lose that.</summary>
    /// <param name="connection">The only one to the database.</param>
    /// <param name="others">Who was connected until now.</param>
    /// <param name="token">Stops it.</param>
    /// <exception cref="DeployOpsException"><c>RestoreLosesMore</c>.</exception>
    internal async Task LookAgainAsync(NpgsqlConnection connection, IReadOnlyList<string> others, CancellationToken token)
    {
        var now = written is null ? null : await WrittenAsync(connection, token);
        if (agreed.AlsoLater)
        {
            Tell(others, now);
            return;
        }

        if ((now is null || now != written) && await MoreAsync(connection, token) is { Count: > 0 } more)
        {
            throw Refusal(more, others);
        }
    }

    private void Tell(IReadOnlyList<string> others, long? now)
    {
        string[] after = (now - written) switch
        {
            null when others.Count > 0 => ["what came after that was not counted"],
            > 0 and var rows => [string.Create(CultureInfo.InvariantCulture, $"{rows} rows were changed after that, until nobody could connect any more")],
            _ => [],
        };
        if (seen.Count + after.Length > 0)
        {
            warn(LossCheck.Accepted([.. seen, .. after], others));
        }
    }

    private DeployOpsException Refusal(IReadOnlyList<string> more, IReadOnlyList<string> who) => LossCheck.Refusal(live.Place, more, who, "It is as it was before and serves.", isAsBefore: true);

    private async Task<IReadOnlyList<string>> MoreAsync(NpgsqlConnection connection, CancellationToken token)
    {
        await PostgreSqlFingerprints.BeginAsync(connection, token);
        var now = await PostgreSqlFingerprints.ReadAsync(connection, proven, token);
        await connection.ExecuteAsync(token, "COMMIT");
        return LossCheck.More(live.Database, agreed, now);
    }

    // Exact once nobody else is in the database: a session tells what it wrote when it ends. Null where the server does not count, or by messages that may be lost.
    private static async Task<long?> WrittenAsync(NpgsqlConnection connection, CancellationToken token) => connection.PostgreSqlVersion.Major < CountsExactly
        ? null
        : await connection.ScalarAsync<long?>(
            "SELECT CASE WHEN current_setting('track_counts')::boolean THEN coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint END FROM pg_stat_all_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema') OR relname = 'pg_largeobject'",
            [],
            token);
}
