using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Finds what leads out of a database by functions: those of extensions that speak to other servers or write files, and those of languages that may do anything. What calls them leads
/// out, too, function by function. From a copy it leads to the same places. Found is what is used: by something of the database's own, such as a trigger or a default, or by a word of a
/// script or a query.
/// </summary>
internal static class PostgreSqlReach
{
    // Of a longer statement, an INSERT of many rows, the beginning tells what it does.
    private const int LongestRead = 100_000;

    // What they are for is outside of the database. Languages that are not trusted come as extensions, too, and are found by that also where they are called otherwise.
    private static readonly HashSet<string> Extensions = new(
        [
            "adminpack", "amqp", "aws_lambda", "aws_s3", "azure_storage", "dblink", "file_fdw", "http", "kafka_fdw", "mongo_fdw", "multicorn", "mysql_fdw", "oracle_fdw", "pg_background", "pg_cron", "pg_curl", "pg_net",
            "pgagent", "plperlu", "plproxy", "plpython2u", "plpython3u", "plpythonu", "plr", "plsh", "pltclu", "postgres_fdw", "redis_fdw", "sqlite_fdw", "tds_fdw", "wrappers",
        ],
        StringComparer.OrdinalIgnoreCase);

    private static readonly Regex Word = new(@"[\p{L}_][\p{L}\p{N}_$]*", RegexOptions.NonBacktracking);

    // Of what an extension brings, only what is in a language that may do anything, other than that of extensions themselves.
    private const string Functions = """
        SELECT p.oid::bigint, p.proname::text, p.prosrc,
               CASE WHEN e.extname = ANY ($1) OR (e.extname = 'orafce' AND p.pronamespace::pg_catalog.regnamespace::text IN ('utl_file', 'dbms_pipe', 'dbms_alert')) THEN 'the extension ' || e.extname WHEN NOT l.lanpltrusted AND (e.oid IS NULL OR l.lanname NOT IN ('c', 'internal')) THEN 'the language ' || l.lanname END
        FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
             LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e' LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
        WHERE p.oid >= 16384
        """;

    private const string Calls = """
        SELECT d.objid::bigint, d.refobjid::bigint FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refclassid = d.classid AND d.refobjid >= 16384 AND d.deptype = 'n'
        """;

    private const string Uses = """
        SELECT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), d.refobjid::bigint FROM pg_catalog.pg_depend d
        WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refobjid = ANY ($1::bigint[]::oid[]) AND d.classid <> d.refclassid AND d.deptype IN ('n', 'a')
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x WHERE x.classid = d.classid AND x.objid = d.objid AND x.deptype = 'e')
        ORDER BY 1 LIMIT 1
        """;

    private const string Languages = "SELECT lanname::text FROM pg_catalog.pg_language WHERE NOT lanpltrusted AND lanname NOT IN ('c', 'internal')";

    /// <summary>What is used and leads out, in words; null where nothing is.</summary>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    internal static async Task<string?> FindAsync(NpgsqlConnection connection, IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        var found = await FunctionsAsync(connection, cancellationToken);
        var uses = await connection.QueryAsync(Uses, [found.Keys.ToArray()], row => (Object: row.GetString(0), Function: row.GetInt64(1)), cancellationToken);
        if (uses.Count > 0)
        {
            return $"{uses[0].Object} may lead out of the database by {found[uses[0].Function].Name} of {found[uses[0].Function].By}";
        }

        var words = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var function in found.Values)
        {
            words[function.Name] = $"{function.Name} of {function.By}";
        }

        foreach (var language in await connection.QueryAsync(Languages, [], row => row.GetString(0), cancellationToken))
        {
            words[language] = $"the language {language}";
        }

        return Find(scripts, words) ?? Find(queries, words);
    }

    private static string? Find(IReadOnlyList<MigrationScript> scripts, Dictionary<string, string> words) =>
        (from script in scripts
         from statement in script.Statements(SqlDialect.PostgreSql)
         let how = Created(statement) ?? Named(statement.Text, words)
         where how is not null
         select string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line} ({statement.Opening}) may lead out of the database by {how}")).FirstOrDefault();

    private static string? Find(IReadOnlyList<ValidationQuery> queries, Dictionary<string, string> words) =>
        (from query in queries
         let how = Named(query.Sql, words)
         where how is not null
         select $"{query.File} ({query.Name}) may lead out of the database by {how}").FirstOrDefault();

    private static string? Created(SqlStatement statement) =>
        statement.Begins("CREATE", "EXTENSION") && Words(statement.Text).FirstOrDefault(Extensions.Contains) is { } name ? $"the extension {name}" : null;

    private static string? Named(string text, Dictionary<string, string> words) => words.Count == 0 ? null : Words(text).Select(words.GetValueOrDefault).FirstOrDefault(by => by is not null);

    private static IEnumerable<string> Words(string text) => Word.Matches(text[..Math.Min(text.Length, LongestRead)]).Select(match => match.Value);

    // Those that lead out by themselves, and those that call one of them, by its name or as the server knows.
    private static async Task<Dictionary<long, (string Name, string By)>> FunctionsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var all = await connection.QueryAsync(
            Functions,
            [Extensions.ToArray()],
            row => (Oid: row.GetInt64(0), Name: row.GetString(1), Words: Words(row.GetString(2)).ToHashSet(StringComparer.OrdinalIgnoreCase), By: row.IsDBNull(3) ? null : row.GetString(3)),
            cancellationToken);
        var found = all.Where(function => function.By is not null).ToDictionary(function => function.Oid, function => (function.Name, By: function.By!));
        if (found.Count == 0)
        {
            return found;
        }

        var calls = (await connection.QueryAsync(Calls, [], row => (From: row.GetInt64(0), To: row.GetInt64(1)), cancellationToken)).ToLookup(call => call.From, call => call.To);
        for (var before = -1; before != found.Count;)
        {
            before = found.Count;
            foreach (var function in all.Where(function => !found.ContainsKey(function.Oid)))
            {
                var called = found.Where(one => function.Words.Contains(one.Value.Name) || calls[function.Oid].Contains(one.Key)).Select(one => one.Value.By).FirstOrDefault();
                if (called is not null)
                {
                    found[function.Oid] = (function.Name, called);
                }
            }
        }

        return found;
    }
}
