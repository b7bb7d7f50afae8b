using DeployOps.Adapters.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Names who is connected to a database.</summary>
internal static class MariaDbUsers
{
    /// <summary>The rows of PROCESSLIST that are somebody's connections: a thread of the server, such as the one that replays what another server sends, does not come back once it is killed.</summary>
    internal const string AreClients = "USER NOT IN ('system user', 'event_scheduler')";

    /// <summary>The others in a connection's database, each once, such as <c>shop@10.0.0.5</c>; of other accounts' only with PROCESS.</summary>
    internal static async Task<IReadOnlyList<string>> OthersAsync(MySqlConnection connection, CancellationToken cancellationToken) =>
        NamedUsers.Of(await connection.QueryAsync(
            $"SELECT DISTINCT CONCAT(USER, '@', REGEXP_REPLACE(HOST, ':[0-9]+$', '')) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB = DATABASE() AND {AreClients} ORDER BY 1",
            [],
            row => row.GetString(0),
            cancellationToken));
}
