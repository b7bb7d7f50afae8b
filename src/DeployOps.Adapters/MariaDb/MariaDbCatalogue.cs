using System.Text.RegularExpressions;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// The schema as lines of text, the same before a dump and after its restore. Where the next number of an AUTO_INCREMENT column stands is no part of it, nor by which
/// character set a client sent a definition; the collation that its literals are compared by is, and the database's.
/// </summary>
internal static class MariaDbCatalogue
{
    private static readonly Regex Counter = new(@" AUTO_INCREMENT=\d+", RegexOptions.NonBacktracking);

    private static readonly string[] Queries =
    [
        "SELECT CONCAT_WS(' ', 'database', DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = @p0",
        """
        SELECT CONCAT_WS(' ', 'view', TABLE_NAME, CHECK_OPTION, DEFINER, SECURITY_TYPE, ALGORITHM, COLLATION_CONNECTION, VIEW_DEFINITION) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = @p0
        """,
        """
        SELECT CONCAT_WS(' ', 'routine', ROUTINE_TYPE, ROUTINE_NAME, IFNULL(DTD_IDENTIFIER, ''), IS_DETERMINISTIC, SQL_DATA_ACCESS, SECURITY_TYPE, SQL_MODE, DEFINER, COLLATION_CONNECTION, DATABASE_COLLATION, ROUTINE_COMMENT, ROUTINE_DEFINITION)
        FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @p0
        """,
        """
        SELECT CONCAT_WS(' ', 'parameter', SPECIFIC_NAME, ORDINAL_POSITION, IFNULL(PARAMETER_MODE, ''), IFNULL(PARAMETER_NAME, ''), DTD_IDENTIFIER) FROM information_schema.PARAMETERS WHERE SPECIFIC_SCHEMA = @p0
        """,
        """
        SELECT CONCAT_WS(' ', 'trigger', TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_ORDER, SQL_MODE, DEFINER, COLLATION_CONNECTION, DATABASE_COLLATION, ACTION_STATEMENT)
        FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @p0
        """,
    ];

    private const string Events =
        """
        SELECT EVENT_NAME, STATUS, CONCAT_WS(' ', TIME_ZONE, EVENT_TYPE, IFNULL(EXECUTE_AT, ''), IFNULL(INTERVAL_VALUE, ''), IFNULL(INTERVAL_FIELD, ''), IFNULL(STARTS, ''), IFNULL(ENDS, ''),
            ON_COMPLETION, SQL_MODE, DEFINER, COLLATION_CONNECTION, DATABASE_COLLATION, EVENT_COMMENT, EVENT_DEFINITION)
        FROM information_schema.EVENTS WHERE EVENT_SCHEMA = @p0
        """;

    /// <summary>The lines, in no order.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="database">The database.</param>
    /// <param name="original">The database it is a copy of, or itself.</param>
    /// <param name="tables">Its tables and sequences, with what <c>SHOW CREATE</c> calls each.</param>
    /// <param name="disabled">Events that are disabled in this copy and enabled in what it is a copy of.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<IReadOnlyList<string>> LinesAsync(
        MySqlConnection connection, string database, string original, IEnumerable<(string Kind, string Name)> tables, IReadOnlySet<string> disabled, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (var (kind, name) in tables)
        {
            lines.AddRange(await connection.QueryAsync($"SHOW CREATE {kind} {MariaDbNames.Quote(database, name)}", [], row => Counter.Replace(row.Text(1), ""), cancellationToken));
        }

        foreach (var query in Queries)
        {
            lines.AddRange(await connection.QueryAsync(query, [database], row => row.Text(0), cancellationToken));
        }

        lines.AddRange(await connection.QueryAsync(
            Events, [database], row => $"event {row.Text(0)} {(disabled.Contains(row.Text(0)) ? "ENABLED" : row.Text(1))} {row.Text(2)}", cancellationToken));

        // Definitions of views name their database, those of a copy the copy; what stands in the text of a routine names the original in both.
        return lines.ConvertAll(line => line.Replace($"{MariaDbNames.Quote(database)}.", "", StringComparison.Ordinal).Replace($"{MariaDbNames.Quote(original)}.", "", StringComparison.Ordinal).TrimEnd());
    }
}
