using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A lock by name is a node's own in a Galera cluster: two runners on two nodes have it both. They meet where every connection string names the same node, and no address behind which there may
/// be another one.
/// </summary>
internal static class MariaDbGalera
{
    private const string Names =
        """
        SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES
        WHERE VARIABLE_NAME IN ('WSREP_ON', 'WSREP_PROVIDER', 'WSREP_NODE_ADDRESS', 'WSREP_NODE_INCOMING_ADDRESS', 'WSREP_NODE_NAME', 'HOSTNAME') AND VARIABLE_VALUE <> ''
        """;

    /// <summary>Refuses a cluster that is reached by another name than that of one of its nodes.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseClustered</c>.</exception>
    internal static async Task RequireNamedNodeAsync(MySqlConnection connection, MariaDbServer server, CancellationToken cancellationToken)
    {
        // A server that is built without it has none of these but its host's name.
        var said = (await connection.QueryAsync(Names, [], row => (Name: row.Text(0), Value: row.Text(1)), cancellationToken)).ToDictionary(one => one.Name, one => one.Value, StringComparer.OrdinalIgnoreCase);
        if (said.GetValueOrDefault("WSREP_ON") != "ON" || said.GetValueOrDefault("WSREP_PROVIDER", "none") == "none")
        {
            return;
        }

        var names = said.Where(one => one.Key.ToUpperInvariant() is not ("WSREP_ON" or "WSREP_PROVIDER")).Select(one => one.Value).ToList();
        if (!names.Exists(name => Is(server.Host, name)))
        {
            var node = said.GetValueOrDefault("WSREP_NODE_ADDRESS") ?? said["HOSTNAME"];
            throw new DeployOpsException(
                "DatabaseClustered",
                FaultKind.InvalidOperation,
                $"{server.Place} is a Galera cluster, of which '{server.Host}' names no node: the lock by which one runner at a time migrates a database is a node's own, and another runner may be led to another one.",
                $"Name the same node wherever the database is connected to, such as Server={node}.")
            { Target = server.Place };
        }
    }

    // db1 is also called by its domain, and an address may have a port.
    private static bool Is(string host, string name) =>
        name.Equals(host, StringComparison.OrdinalIgnoreCase) || name.StartsWith(host + ":", StringComparison.OrdinalIgnoreCase) || host.StartsWith(name + ".", StringComparison.OrdinalIgnoreCase);
}
