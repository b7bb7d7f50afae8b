using System.Security.Cryptography;
using System.Text;
using DeployOps.Backups;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Says what a database holds: its schema, its sequences, and of each table the number of rows and the sum of a 64-bit hash of each row's text. A sum does
/// not depend on the order of rows and, unlike an exclusive or, does not cancel out a row that is there twice. What belongs to an extension comes with
/// it and is left out, but for the rows that users put into its tables, as far as it says which those are (pg_extension_config_dump); a materialised view is computed anew when it is restored; a foreign table's rows are elsewhere.
/// </summary>
internal static class PostgreSqlFingerprints
{
    private const string LargeObjects = "large objects";

    /// <summary>How much of a large object is read at once, in bytes.</summary>
    private const int PieceOfObject = 8 * 1024 * 1024;

    // What an extension says pg_dump is to keep of its tables and sequences: all, or what a condition holds for.
    private const string Kept = "WITH kept AS (SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition FROM pg_extension)";

    private const string Tables = $"""
        {Kept}
        SELECT format('%I.%I', n.nspname, c.relname), (SELECT x.condition FROM kept x WHERE x.oid = c.oid),
               ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
               ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
          AND (NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') OR c.oid IN (SELECT oid FROM kept))
        """;

    private const string SequenceValues = $"""
        {Kept}
        SELECT format('%I.%I', s.schemaname, s.sequencename), coalesce(s.last_value::text, 'not called')
        FROM pg_sequences s JOIN pg_namespace n ON n.nspname = s.schemaname JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.sequencename
        WHERE c.relpersistence <> 't'
          AND (NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') OR c.oid IN (SELECT oid FROM kept))
        """;

    // A view over the catalogue is thought to cost so much that it would be compiled, for a quarter of a second each time, to answer with a few rows.
    private const string Interpreted = "SET jit = off";
    private const int FirstWithCompiler = 11;

    /// <summary>Begins the one state that is read: every statement after it sees the same rows, and the text of a value depends on nothing but the value.</summary>
    internal static Task BeginAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.ExecuteAsync(
        cancellationToken,
        [
            "SET lock_timeout = '30s'", "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0", "SET search_path = ''", "SET row_security = off", .. PostgreSqlSettings.Texts,
            .. connection.PostgreSqlVersion.Major >= FirstWithCompiler ? [Interpreted] : Array.Empty<string>(), "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        ]);

    /// <summary>Reads it within the transaction that was begun.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="like">Tables are read by the columns they have in this one, where they still have them; null reads all columns.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<DatabaseFingerprint> ReadAsync(NpgsqlConnection connection, DatabaseFingerprint? like, CancellationToken cancellationToken)
    {
        var columns = (like?.Tables ?? []).ToDictionary(table => table.Name, table => table.Columns, StringComparer.Ordinal);
        var tables = new List<TableFingerprint>();
        foreach (var (name, condition, stored, generated) in (await connection.QueryAsync(Tables, [], row => (Name: row.GetString(0), Condition: row.IsDBNull(1) ? "" : row.GetString(1), Columns: row.GetFieldValue<string[]>(2), Generated: row.GetFieldValue<string[]>(3)), cancellationToken)).OrderBy(table => table.Name, StringComparer.Ordinal))
        {
            var wanted = columns.GetValueOrDefault(name) ?? [];
            var added = wanted.Count == 0 ? [] : stored.Except(wanted, StringComparer.Ordinal).Except(generated, StringComparer.Ordinal).ToList();
            tables.Add(await TableAsync(connection, name, condition, Wanted(stored, wanted), added, cancellationToken));
        }

        if (await LargeObjectsAsync(connection, cancellationToken) is { } objects)
        {
            tables.Add(objects);
        }

        return new DatabaseFingerprint(await SchemaAsync(connection, cancellationToken), tables)
        {
            Sequences = await SequencesAsync(connection, cancellationToken),
            Slots = like is null ? [] : await SlotsAsync(connection, cancellationToken),
        };
    }

    /// <summary>Where every sequence stands now. Sequences belong to no transaction: they move on also within the one that is read.</summary>
    internal static async Task<IReadOnlyList<SequenceFingerprint>> SequencesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        [.. (await connection.QueryAsync(SequenceValues, [], row => new SequenceFingerprint(row.GetString(0), row.GetString(1)), cancellationToken)).OrderBy(sequence => sequence.Name, StringComparer.Ordinal)];

    // The view is everybody's to read.
    private static Task<List<string>> SlotsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.QueryAsync("SELECT slot_name::text FROM pg_replication_slots WHERE database = current_database() AND NOT temporary ORDER BY 1", [], row => row.GetString(0), cancellationToken);

    private static IReadOnlyList<string> Wanted(string[] stored, IReadOnlyList<string> wanted) => wanted.Count > 0 && !wanted.Except(stored, StringComparer.Ordinal).Any() ? wanted : stored;

    // The condition is a WHERE in words that may name the table, as pg_dump sends it.
    private static async Task<TableFingerprint> TableAsync(NpgsqlConnection connection, string name, string condition, IReadOnlyList<string> columns, IReadOnlyList<string> added, CancellationToken cancellationToken)
    {
        var counts = string.Concat(added.Select(PostgreSqlNames.Quote).Select(column => $""", count({column}), min({column}::text COLLATE "C") IS NOT DISTINCT FROM max({column}::text COLLATE "C")"""));
        var values = string.Join(", ", columns.Select(PostgreSqlNames.Quote));
        var read = await connection.QueryAsync(
            $"SELECT count(*), coalesce(sum(hashtextextended(ROW({values})::text, 0)::numeric), 0)::text{counts} FROM ONLY {name} {condition}",
            [],
            row => (Rows: row.GetInt64(0), Hash: row.GetString(1), Counts: added.Select((_, at) => (Values: row.GetInt64(2 + (2 * at)), AreAlike: row.GetBoolean(3 + (2 * at)))).ToList()),
            cancellationToken);

        return new TableFingerprint(name, read[0].Rows, read[0].Hash) { Columns = columns, Added = [.. added.Zip(read[0].Counts, (column, count) => AddedColumn.Of(column, read[0].Rows, count.Values, count.AreAlike))] };
    }

    // They lie in no table that everybody may read, each is read by its own right; and in pieces, since one may be of 4 TB and no value is of more than 1 GB. What is not written in
    // between reads as zeroes, so that only the last piece is short. One of a single piece has the hash that it had when objects were read whole.
    private static async Task<TableFingerprint?> LargeObjectsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var read = await connection.QueryAsync(
            """
            WITH RECURSIVE pieces AS (
                SELECT oid, 0::bigint AS at, octet_length(b) AS size, hashtextextended(encode(b, 'hex'), oid::bigint)::numeric AS hash
                FROM pg_largeobject_metadata, LATERAL lo_get(oid, 0, $1) b
                UNION ALL SELECT oid, at + $1, octet_length(b), hashtextextended(encode(b, 'hex'), oid::bigint + ((at + $1) << 9))::numeric
                FROM pieces, LATERAL lo_get(oid, at + $1, $1) b WHERE size = $1)
            SELECT count(*) FILTER (WHERE at = 0), coalesce(sum(hash), 0)::text FROM pieces
            """,
            [PieceOfObject],
            row => (Rows: row.GetInt64(0), Hash: row.GetString(1)),
            cancellationToken);

        return read[0].Rows == 0 ? null : new TableFingerprint(LargeObjects, read[0].Rows, read[0].Hash);
    }

    private static async Task<string> SchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var query in PostgreSqlCatalogue.Queries)
        {
            foreach (var line in (await connection.QueryAsync(query, [], row => PostgreSqlExpression.Normal(row.GetString(0)), cancellationToken)).Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
