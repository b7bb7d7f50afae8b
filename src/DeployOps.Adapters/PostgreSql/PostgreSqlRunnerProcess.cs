using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// The server process that runs a script, as the server knows it. After a restart, or behind an address that leads to another server now, its number may be another client's: it is
/// known by when it was started, and by when the server was.
/// </summary>
/// <param name="Number">Its number.</param>
/// <param name="Started">When it was started, by the server's clock; null where the account may not see that.</param>
/// <param name="ServerStarted">When the server was started.</param>
internal sealed record PostgreSqlRunnerProcess(int Number, DateTime? Started, DateTime ServerStarted)
{
    /// <summary>No process has this number.</summary>
    internal const int None = 0;

    /// <summary>One that no server has.</summary>
    internal static readonly PostgreSqlRunnerProcess Nobody = new(None, null, DateTime.UnixEpoch);

    private const string Own = "FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start IS NOT DISTINCT FROM $2::timestamptz AND pg_catalog.pg_postmaster_start_time() = $3";

    /// <summary>Looks at it by another connection; null where the server has none of this number.</summary>
    internal static async Task<PostgreSqlRunnerProcess?> FindAsync(NpgsqlConnection other, int number, CancellationToken cancellationToken)
    {
        var found = await other.QueryAsync(
            "SELECT backend_start, pg_catalog.pg_postmaster_start_time() FROM pg_catalog.pg_stat_activity WHERE pid = $1",
            [number],
            row => new PostgreSqlRunnerProcess(number, row.IsDBNull(0) ? null : row.GetDateTime(0), row.GetDateTime(1)),
            cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Its number, or that of none where the server that this connection leads to does not have it any more.</summary>
    internal async Task<int> NumberOnAsync(NpgsqlConnection other) => await other.ScalarAsync<int>($"SELECT pid {Own}", [Number, Started, ServerStarted], CancellationToken.None);

    /// <summary>Ends what runs on it, or it itself.</summary>
    /// <param name="other">Another connection to the server.</param>
    /// <param name="act"><c>pg_cancel_backend</c> or <c>pg_terminate_backend</c>.</param>
    /// <returns>Whether the server still has it; nothing was ended where not.</returns>
    internal async Task<bool> EndAsync(NpgsqlConnection other, string act) =>
        (await other.QueryAsync($"SELECT pg_catalog.{act}(pid) {Own}", [Number, Started, ServerStarted], row => row.GetBoolean(0), CancellationToken.None)).Count > 0;
}
