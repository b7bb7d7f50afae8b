using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Refuses what stands before the server and gives each connection, or each statement, a server of its choice: a lock of the session, a setting and <c>KILL QUERY</c> of a
/// second connection mean nothing there.
/// </summary>
internal static class MariaDbProxies
{
    private const string Identity = "SELECT CONCAT(@@hostname, '/', @@port, '/', @@server_id)";

    /// <summary>Answers the number by which the server knows the first connection.</summary>
    /// <exception cref="DeployOpsException"><c>DatabasePooled</c>.</exception>
    internal static async Task<long> RefuseAsync(MariaDbServer server, MySqlConnection runner, MySqlConnection other, CancellationToken cancellationToken)
    {
        var number = await runner.NumberAsync("SELECT CONNECTION_ID()", [], cancellationToken);
        var isSame = number == await runner.NumberAsync("SELECT CONNECTION_ID()", [], cancellationToken)
            && await runner.TextAsync(Identity, [], cancellationToken) == await other.TextAsync(Identity, [], cancellationToken)
            && await other.NumberAsync("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = @p0", [number], cancellationToken) == 1;

        return isSame
            ? number
            : throw new DeployOpsException(
                "DatabasePooled",
                FaultKind.InvalidOperation,
                $"{server.Place} is reached through a proxy that gives two connections different servers, or one connection several.",
                "Connect to the server itself: locks, settings and the cancelling of a statement belong to one connection of one server.")
            { Target = server.Place };
    }
}
