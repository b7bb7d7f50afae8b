using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>A table or a sequence of a database; no view.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsSequence">Whether it is a sequence.</param>
/// <param name="IsVersioned">Whether its rows of earlier times are in it, too.</param>
internal sealed record MariaDbRelation(string Name, bool IsSequence, bool IsVersioned)
{
    /// <summary>All of a database.</summary>
    internal static async Task<IReadOnlyList<MariaDbRelation>> AllAsync(MySqlConnection connection, string database, CancellationToken cancellationToken) => await connection.QueryAsync(
        "SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0 AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')",
        [database],
        row => new MariaDbRelation(row.Text(0), row.Text(1) == "SEQUENCE", row.Text(1) == "SYSTEM VERSIONED"),
        cancellationToken);
}
