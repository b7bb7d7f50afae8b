using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Tables whose engine knows no transaction, such as MyISAM and Aria: what is written to them stays, whatever becomes of the transaction around it.</summary>
internal static class MariaDbEngines
{
    /// <summary>Their names.</summary>
    internal static async Task<IReadOnlySet<string>> WithoutTransactionsAsync(MySqlConnection connection, string database, CancellationToken cancellationToken)
    {
        var names = await connection.QueryAsync(
            """
            SELECT t.TABLE_NAME FROM information_schema.TABLES t JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
            WHERE t.TABLE_SCHEMA = @p0 AND t.TABLE_TYPE = 'BASE TABLE' AND IFNULL(e.TRANSACTIONS, 'NO') <> 'YES'
            """,
            [database],
            row => row.GetString(0),
            cancellationToken);

        return names.ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
