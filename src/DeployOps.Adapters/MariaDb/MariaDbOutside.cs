using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>What of a database leads to others: tables of engines that lie elsewhere, foreign keys, defaults, and what views, triggers and routines name.</summary>
internal static class MariaDbOutside
{
    private const string Engines = "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0 AND UPPER(ENGINE) IN ";
    private const string Keys = "SELECT TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = @p0 AND UNIQUE_CONSTRAINT_SCHEMA <> @p0";

    // Each as it is read when it runs; without its text nobody can tell. In the last mode a backslash is a letter.
    private const string Bodies = """
        SELECT 'view', TABLE_NAME, VIEW_DEFINITION, '' FROM information_schema.VIEWS WHERE TABLE_SCHEMA = @p0
        UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @p0
        UNION ALL SELECT 'trigger', TRIGGER_NAME, ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @p0
        """;

    private const string SeesAll = "SELECT COUNT(*) FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN ('SHOW DATABASES', 'SELECT')";

    /// <summary>The databases of the server but one, and those that every server has.</summary>
    internal static async Task<HashSet<string>> OthersAsync(MySqlConnection connection, string database, CancellationToken cancellationToken)
    {
        var names = await connection.QueryAsync("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN (@p0, 'information_schema')", [database], row => row.Text(0), cancellationToken);
        return names.Concat(["mysql", "sys", "performance_schema"]).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The first of it, in words; null where nothing leads outside.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="database">The database.</param>
    /// <param name="isGuarded">Whether the server keeps what views, triggers, routines and defaults do within the database, by the rights of who owns them.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<string?> FindAsync(MySqlConnection connection, string database, bool isGuarded, CancellationToken cancellationToken)
    {
        var engines = string.Join(", ", MariaDbBounds.EnginesBeyond.Select(engine => $"'{engine}'"));
        if (await connection.QueryAsync($"{Engines}({engines})", [database], row => $"the table {row.Text(0)} of the engine {row.Text(1)}", cancellationToken) is [var elsewhere, ..])
        {
            return elsewhere;
        }

        if (await connection.QueryAsync(Keys, [database], row => $"what a foreign key of {row.Text(0)} points at", cancellationToken) is [var key, ..])
        {
            return key;
        }

        if (isGuarded)
        {
            return null;
        }

        var bounds = new MariaDbBounds(await OthersAsync(connection, database, cancellationToken));
        return await OfBodiesAsync(connection, database, bounds, cancellationToken) ?? await OfTablesAsync(connection, database, bounds, cancellationToken);
    }

    private static async Task<string?> OfBodiesAsync(MySqlConnection connection, string database, MariaDbBounds bounds, CancellationToken cancellationToken)
    {
        var bodies = await connection.QueryAsync(Bodies, [database], row => (Kind: row.Text(0), Name: row.Text(1), Text: row.IsDBNull(2) ? null : row.Text(2), Mode: row.Text(3)), cancellationToken);
        if (bodies.Count > 0 && await connection.NumberAsync(SeesAll, [], cancellationToken) == 0)
        {
            return $"what the {bodies[0].Kind} {bodies[0].Name} may name: this account is not shown all databases (grant SHOW DATABASES), and it";
        }

        foreach (var (kind, name, text, mode) in bodies)
        {
            var why = string.IsNullOrEmpty(text) ? "is not shown to this account"
                : mode.Contains("NO_BACKSLASH_ESCAPES", StringComparison.Ordinal) ? "is of a mode that it cannot be read in"
                : bounds.Why(text.Replace($"{MariaDbNames.Quote(database)}.", "", StringComparison.Ordinal));
            if (why is not null)
            {
                return $"what the {kind} {name} uses, which {why},";
            }
        }

        return null;
    }

    // A default may take numbers from a sequence of another database: of a copy, from that of the original.
    private static async Task<string?> OfTablesAsync(MySqlConnection connection, string database, MariaDbBounds bounds, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(cancellationToken, "SET SESSION sql_mode = ''");
        foreach (var table in (await MariaDbRelation.AllAsync(connection, database, cancellationToken)).Where(relation => !relation.IsSequence))
        {
            var definition = await connection.QueryAsync($"SHOW CREATE TABLE {MariaDbNames.Quote(database, table.Name)}", [], row => row.Text(1), cancellationToken);
            if (bounds.Why(definition[0].Replace($"{MariaDbNames.Quote(database)}.", "", StringComparison.Ordinal)) is { } why)
            {
                return $"what the table {table.Name} uses, whose definition {why},";
            }
        }

        return null;
    }
}
