using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A foreign key of another database that leads into one. InnoDB lets it follow the table it leads to to whatever name that gets: after an exchange it leads to what was replaced,
/// and to nothing once that is dropped, so that no row of its table can be written any more.
/// </summary>
/// <param name="Database">The other database.</param>
/// <param name="Table">The table that has the key.</param>
/// <param name="Name">The key's name.</param>
internal sealed record MariaDbIncomingKey(string Database, string Table, string Name)
{
    // Of all databases, whatever the account may see of them. Names of databases and tables stand there as files are named.
    private const string Keys = """
        SELECT CONVERT(CONVERT(CAST(SUBSTRING_INDEX(FOR_NAME, '/', 1) AS BINARY) USING filename) USING utf8mb4),
            CONVERT(CONVERT(CAST(SUBSTRING(FOR_NAME, LOCATE('/', FOR_NAME) + 1) AS BINARY) USING filename) USING utf8mb4), SUBSTRING(ID, LOCATE('/', ID) + 1)
        FROM information_schema.INNODB_SYS_FOREIGN
        WHERE CAST(SUBSTRING_INDEX(REF_NAME, '/', 1) AS BINARY) = CAST(CONVERT(IF(@@lower_case_table_names = 0, @p0, LOWER(@p0)) USING filename) AS BINARY)
            AND SUBSTRING_INDEX(FOR_NAME, '/', 1) <> SUBSTRING_INDEX(REF_NAME, '/', 1)
        ORDER BY 1, 2, 3
        """;

    /// <summary>All that lead into a database.</summary>
    /// <exception cref="MySqlException">The account lacks PROCESS.</exception>
    internal static async Task<IReadOnlyList<MariaDbIncomingKey>> AllAsync(MySqlConnection connection, string database, CancellationToken cancellationToken) =>
        await connection.QueryAsync(Keys, [database], row => new MariaDbIncomingKey(row.Text(0), row.Text(1), row.Text(2)), cancellationToken);

    /// <summary>The statement that drops it.</summary>
    internal string Drop => $"ALTER TABLE {MariaDbNames.Quote(Database, Table)} DROP FOREIGN KEY {MariaDbNames.Quote(Name)}";

    /// <inheritdoc/>
    public override string ToString() => $"{Name} of {Database}.{Table}";
}
