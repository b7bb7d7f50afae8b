using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Tables, columns, constraints, indexes and what else a database consists of, a line each, for people to read what a migration changed.</summary>
internal static class MariaDbObjectLines
{
    private static readonly string[] Queries =
    [
        "SELECT CONCAT('database of character set ', DEFAULT_CHARACTER_SET_NAME, ', collation ', DEFAULT_COLLATION_NAME), '' FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = @p0",
        "SELECT CONCAT('table ', TABLE_NAME, ' ', IFNULL(ENGINE, ''), ' ', IFNULL(TABLE_COLLATION, '')), TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0 AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')",
        "SELECT CONCAT(LOWER(TABLE_TYPE), ' ', TABLE_NAME), '' FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0 AND TABLE_TYPE IN ('VIEW', 'SEQUENCE')",
        """
        SELECT CONCAT_WS(' ', CONCAT('column ', c.TABLE_NAME, '.', c.COLUMN_NAME), c.COLUMN_TYPE, IF(c.COLLATION_NAME <> t.TABLE_COLLATION, c.COLLATION_NAME, NULL), IF(c.IS_NULLABLE = 'NO', 'not null', NULL),
            CONCAT('default ', IF(c.COLUMN_DEFAULT = 'NULL', NULL, c.COLUMN_DEFAULT)), IF(c.GENERATION_EXPRESSION <> '', CONCAT('as (', c.GENERATION_EXPRESSION, ')'), NULL), NULLIF(LOWER(c.EXTRA), '')), c.TABLE_NAME
        FROM information_schema.COLUMNS c JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME
        WHERE c.TABLE_SCHEMA = @p0 AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
        """,
        """
        SELECT CONCAT('constraint ', k.TABLE_NAME, '.', k.CONSTRAINT_NAME, ' foreign key (', GROUP_CONCAT(k.COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ') references ', k.REFERENCED_TABLE_NAME,
            ' (', GROUP_CONCAT(k.REFERENCED_COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ')', IF(r.DELETE_RULE IN ('RESTRICT', 'NO ACTION'), '', CONCAT(' on delete ', LOWER(r.DELETE_RULE))),
            IF(r.UPDATE_RULE IN ('RESTRICT', 'NO ACTION'), '', CONCAT(' on update ', LOWER(r.UPDATE_RULE)))), k.TABLE_NAME
        FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
        WHERE k.TABLE_SCHEMA = @p0 AND k.REFERENCED_TABLE_NAME IS NOT NULL GROUP BY k.TABLE_NAME, k.CONSTRAINT_NAME
        """,
        "SELECT CONCAT('constraint ', TABLE_NAME, '.', CONSTRAINT_NAME, ' check (', CHECK_CLAUSE, ')'), TABLE_NAME FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = @p0",
        """
        SELECT CONCAT('index ', TABLE_NAME, '.', INDEX_NAME, ' (', GROUP_CONCAT(COLUMN_NAME, IFNULL(CONCAT('(', SUB_PART, ')'), '') ORDER BY SEQ_IN_INDEX SEPARATOR ', '), ')', IF(MIN(NON_UNIQUE) = 0, ' unique', ''),
            IF(MIN(INDEX_TYPE) = 'BTREE', '', CONCAT(' ', LOWER(MIN(INDEX_TYPE))))), TABLE_NAME
        FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = @p0 GROUP BY TABLE_NAME, INDEX_NAME
        """,
        "SELECT CONCAT('trigger ', TRIGGER_NAME, ' on ', EVENT_OBJECT_TABLE), '' FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = @p0",
        "SELECT CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME), '' FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @p0",
        "SELECT CONCAT('event ', EVENT_NAME), '' FROM information_schema.EVENTS WHERE EVENT_SCHEMA = @p0",
        "SELECT CONCAT('partitions of ', TABLE_NAME, ': ', GROUP_CONCAT(PARTITION_NAME ORDER BY PARTITION_ORDINAL_POSITION SEPARATOR ', ')), TABLE_NAME FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = @p0 AND PARTITION_NAME IS NOT NULL GROUP BY TABLE_NAME",
    ];

    /// <summary>The lines in order, without those of the history.</summary>
    internal static async Task<IReadOnlyList<string>> ReadAsync(MySqlConnection connection, string database, CancellationToken cancellationToken)
    {
        var lines = new List<string>();
        foreach (var query in Queries)
        {
            var found = await connection.QueryAsync(query, [database], row => (Line: row.Text(0), Table: row.Text(1)), cancellationToken);
            lines.AddRange(found.Where(one => !MariaDbHistory.IsTable(one.Table)).Select(one => one.Line.TrimEnd()));
        }

        return [.. lines.Order(StringComparer.Ordinal)];
    }
}
