using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Of a Galera cluster one node is seen, and a lock by name is that node's own: two runners on two nodes have it both. They meet where every connection string leads to the same one.
/// </summary>
internal static class MariaDbGalera
{
    private const string Names =
        """
        SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES
        WHERE VARIABLE_NAME IN ('WSREP_ON', 'WSREP_PROVIDER', 'WSREP_NODE_NAME', 'HOSTNAME') AND VARIABLE_VALUE <> ''
        """;

    /// <summary>Says what is not seen of a cluster, and what its users have to see to.</summary>
    /// <returns>Null where the server is in none.</returns>
    internal static async Task<string?> FindAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        // A server that is built without it has none of these but its host's name.
        var said = (await connection.QueryAsync(Names, [], row => (Name: row.Text(0), Value: row.Text(1)), cancellationToken)).ToDictionary(one => one.Name, one => one.Value, StringComparer.OrdinalIgnoreCase);
        if (said.GetValueOrDefault("WSREP_ON") != "ON" || said.GetValueOrDefault("WSREP_PROVIDER", "none") == "none")
        {
            return null;
        }

        var node = said.GetValueOrDefault("WSREP_NODE_NAME") ?? said["HOSTNAME"];
        return $"other nodes of the Galera cluster than {node}, of which the lock is by which one runner at a time migrates: every runner has to be led to this node";
    }
}
