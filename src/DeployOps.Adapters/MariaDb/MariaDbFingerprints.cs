using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DeployOps.Backups;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Says what a database holds: its schema, its sequences, and of each table the number of rows and the sum of 64 bits of the MD5 of each row. A sum does not depend on the
/// order of rows and, unlike an exclusive or, does not cancel out a row that is there twice. Texts and blobs are hashed by their bytes, each for itself, so that none is too
/// long; numbers and times are read as the server writes them, which is of FLOAT six digits, as in a dump. Generated columns follow from others and are left out.
/// </summary>
internal static class MariaDbFingerprints
{
    private static readonly string[] Written = ["tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year", "date", "datetime", "timestamp", "time"];

    /// <summary>Begins the one state that is read: every statement after it sees the same rows of tables with transactions.</summary>
    internal static Task BeginAsync(MySqlConnection connection, CancellationToken cancellationToken) => connection.ExecuteAsync(
        cancellationToken,
        "SET SESSION lock_wait_timeout = 30, max_statement_time = 0, idle_transaction_timeout = 0, time_zone = '+00:00', sql_mode = ''",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT");

    /// <summary>Reads it within the transaction that was begun.</summary>
    /// <param name="connection">The server.</param>
    /// <param name="database">The database.</param>
    /// <param name="original">The database it is a copy of, or itself.</param>
    /// <param name="like">Tables are read by the columns they have in this one, where they still have them; null reads all columns.</param>
    /// <param name="disabled">Events that are disabled in this copy and enabled in what it is a copy of.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<DatabaseFingerprint> ReadAsync(MySqlConnection connection, string database, string original, DatabaseFingerprint? like, IReadOnlySet<string> disabled, CancellationToken cancellationToken)
    {
        var wanted = (like?.Tables ?? []).ToDictionary(table => table.Name, table => table.Columns, StringComparer.Ordinal);
        var relations = await MariaDbRelation.AllAsync(connection, database, cancellationToken);
        var columns = (await connection.QueryAsync(
            "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = @p0 AND IFNULL(GENERATION_EXPRESSION, '') = '' ORDER BY TABLE_NAME, ORDINAL_POSITION",
            [database],
            row => (Table: row.Text(0), Column: row.Text(1), Type: row.Text(2)),
            cancellationToken)).ToLookup(column => column.Table, column => (column.Column, column.Type), StringComparer.Ordinal);
        var moving = await MariaDbEngines.WithoutTransactionsAsync(connection, database, cancellationToken);
        var tables = new List<TableFingerprint>();
        foreach (var table in relations.Where(relation => !relation.IsSequence).OrderBy(relation => relation.Name, StringComparer.Ordinal))
        {
            var known = wanted.GetValueOrDefault(table.Name) ?? [];
            var added = known.Count == 0 ? [] : columns[table.Name].Select(column => column.Column).Except(known, StringComparer.OrdinalIgnoreCase).ToList();
            var read = await TableAsync(connection, database, table, Wanted([.. columns[table.Name]], known), added, cancellationToken);
            tables.Add(read with { HasNoSnapshot = moving.Contains(table.Name) });
        }

        var lines = await MariaDbCatalogue.LinesAsync(connection, database, original, relations.Select(relation => (relation.IsSequence ? "SEQUENCE" : "TABLE", relation.Name)), disabled, cancellationToken);
        var schema = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Order(StringComparer.Ordinal)))));
        return new DatabaseFingerprint(schema, tables) { Sequences = await SequencesAsync(connection, database, relations, cancellationToken) };
    }

    /// <summary>Where every sequence stands now. Sequences belong to no transaction: they move on also within the one that is read.</summary>
    internal static async Task<IReadOnlyList<SequenceFingerprint>> SequencesAsync(MySqlConnection connection, string database, IEnumerable<MariaDbRelation> relations, CancellationToken cancellationToken)
    {
        var sequences = new List<SequenceFingerprint>();
        foreach (var sequence in relations.Where(relation => relation.IsSequence).OrderBy(relation => relation.Name, StringComparer.Ordinal))
        {
            var at = await connection.QueryAsync(
                $"SELECT next_not_cached_value, cycle_count FROM {MariaDbNames.Quote(database, sequence.Name)}", [], row => (Next: row.Text(0), Cycles: row.Text(1)), cancellationToken);
            sequences.Add(new SequenceFingerprint(sequence.Name, at[0].Cycles == "0" ? at[0].Next : $"{at[0].Next} in round {at[0].Cycles}"));
        }

        return sequences;
    }

    private static IReadOnlyList<(string Name, string Type)> Wanted(IReadOnlyList<(string Name, string Type)> stored, IReadOnlyList<string> wanted) =>
        wanted.Count > 0 && !wanted.Except(stored.Select(column => column.Name), StringComparer.OrdinalIgnoreCase).Any()
            ? [.. wanted.Select(name => stored.First(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))]
            : stored;

    private static async Task<TableFingerprint> TableAsync(MySqlConnection connection, string database, MariaDbRelation table, IReadOnlyList<(string Name, string Type)> columns, IReadOnlyList<string> added, CancellationToken cancellationToken)
    {
        // By their bytes: what a collation takes for the same is not.
        var counts = string.Concat(added.Select(name => MariaDbNames.Quote(name)).Select(column => $", COUNT({column}), MIN(CAST({column} AS BINARY)) <=> MAX(CAST({column} AS BINARY))"));
        var values = string.Join(", ", columns.Select(column => Value(MariaDbNames.Quote(column.Name), column.Type)));
        var read = await connection.QueryAsync(
            $"SELECT COUNT(*), CAST(IFNULL(SUM(CAST(CONV(LEFT(MD5(CONCAT_WS(',', {(values.Length == 0 ? "''" : values)})), 16), 16, 10) AS DECIMAL(20, 0))), 0) AS CHAR){counts} "
            + $"FROM {MariaDbNames.Quote(database, table.Name)}{(table.IsVersioned ? " FOR SYSTEM_TIME ALL" : "")}",
            [],
            row => (Rows: (long)row.Number(0), Hash: row.Text(1), Counts: added.Select((_, at) => (Values: (long)row.Number(2 + (2 * at)), AreAlike: row.Number(3 + (2 * at)) == 1)).ToList()),
            cancellationToken);

        return new TableFingerprint(table.Name, read[0].Rows, read[0].Hash)
        {
            Columns = [.. columns.Select(column => column.Name)],
            Added = [.. added.Zip(read[0].Counts, (column, count) => AddedColumn.Of(column, read[0].Rows, count.Values, count.AreAlike))],
        };
    }

    // No value contains a comma, so that two rows are never the same text by their commas.
    private static string Value(string column, string type) => string.Create(
        CultureInfo.InvariantCulture,
        $"IFNULL({(Array.Exists(Written, known => known.Equals(type, StringComparison.OrdinalIgnoreCase)) ? $"CAST({column} AS CHAR)" : type.Equals("bit", StringComparison.OrdinalIgnoreCase) ? $"HEX({column})" : $"MD5({column})")}, 'N')");
}
