using System.Globalization;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Whether scripts stay within the database that they run in, by their words: MariaDB lets one account use all databases of a server, so that on a copy they could change production.
/// What is not known to stay within it does not. What a function does that was loaded into the server (<c>CREATE FUNCTION … SONAME</c>) is not seen.
/// </summary>
/// <param name="others">The other databases of the server, without <c>information_schema</c>.</param>
internal sealed class MariaDbBounds(HashSet<string> others)
{
    /// <summary>Engines whose tables lie elsewhere, or consist of other tables.</summary>
    internal static readonly string[] EnginesBeyond = ["FEDERATED", "FEDERATEDX", "CONNECT", "SPIDER", "S3", "MERGE", "MRG_MYISAM", "SPHINX", "OQGRAPH"];

    private static readonly string[] OfRows =
        ["INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH", "VALUES", "DO", "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "TRUNCATE", "RENAME", "ANALYZE", "CHECK", "OPTIMIZE", "SHOW", "EXPLAIN", "DESC", "DESCRIBE", "CHECKSUM"];

    private static readonly string[] OfDefinitions = ["CREATE", "ALTER", "DROP"];
    private static readonly string[] KindsWithin = ["TABLE", "INDEX", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "SEQUENCE", "PACKAGE"];
    private static readonly string[] KindsBeyond = ["DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "EVENT", "TABLESPACE", "LOGFILE", "UNDO", "INSTANCE", "SYSTEM"];

    // They run what is made only then or elsewhere, touch files or locks of the server, or change who it is that runs.
    private static readonly string[] Opaque = ["PREPARE", "EXECUTE", "CALL", "OUTFILE", "DUMPFILE", "LOAD_FILE", "SONAME", "DIRECTORY", "GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS", "KILL"];
    private static readonly string[] NotOfSession = ["GLOBAL", "PERSIST", "PASSWORD", "ROLE", "STATEMENT"];

    /// <summary>The first that may not, in words: <c>V2__a.sql:3 names the database other</c>.</summary>
    internal string? Find(IEnumerable<MigrationScript> scripts, IEnumerable<ValidationQuery> queries) =>
        (from script in scripts
         from statement in script.Statements()
         let why = Why(statement)
         where why is not null
         select string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line} {why}"))
        .Concat(
            from query in queries
            let why = Why(query.Sql)
            where why is not null
            select $"{query.File} ({query.Name}) {why}")
        .FirstOrDefault();

    /// <summary>Why what stands in a text may reach beyond: it names another database, or runs what nobody can read here; null where it does not.</summary>
    internal string? Why(string text)
    {
        SqlToken? before = null;
        foreach (var token in SqlLexer.Read(text, SqlDialect.MariaDb).Where(token => !token.IsComment && token.Kind != SqlTokenKind.ExecutableMark))
        {
            if (Array.Find(Opaque, token.Is) is { } word)
            {
                return $"has {word}, whose effect cannot be told before";
            }

            // Also between quotation marks, which hold names in some modes.
            if (before is { } name && token.Span is ['.', ..] && others.TryGetValue(NameOf(name), out var database))
            {
                return $"names the database {database}";
            }

            before = token;
        }

        return null;
    }

    private string? Why(SqlStatement statement) => KindOf(statement) ?? Why(statement.Text);

    private static string? KindOf(SqlStatement statement)
    {
        if (Array.Exists(OfDefinitions, word => statement.Begins(word)))
        {
            var kind = statement.Tokens.FirstOrDefault(token => Array.Exists(KindsWithin, token.Is) || Array.Exists(KindsBeyond, token.Is));
            return kind.Text is null || Array.Exists(KindsBeyond, kind.Is) ? Beyond(statement) : EngineOf(statement.Tokens);
        }

        if (statement.Begins("SET"))
        {
            return statement.Tokens.Any(token => Array.Exists(NotOfSession, token.Is)) ? Beyond(statement) : null;
        }

        return Array.Exists(OfRows, word => statement.Begins(word)) && !statement.Begins("RENAME", "USER") ? null : Beyond(statement);
    }

    private static string Beyond(SqlStatement statement) => $"({statement.Opening}) is not known to stay within the database";

    private static string? EngineOf(IReadOnlyList<SqlToken> tokens)
    {
        for (var i = 0; i + 1 < tokens.Count; i++)
        {
            var value = tokens[i + 1].Is('=') && i + 2 < tokens.Count ? tokens[i + 2] : tokens[i + 1];
            if (tokens[i].Is("ENGINE") && Array.Find(EnginesBeyond, engine => engine.Equals(NameOf(value), StringComparison.OrdinalIgnoreCase)) is { } beyond)
            {
                return $"makes a table of the engine {beyond}, which lies elsewhere";
            }
        }

        return null;
    }

    private static string NameOf(SqlToken token) => token.Kind == SqlTokenKind.QuotedName ? MariaDbNames.Read(token.Text).Name : token.Text.Trim('"', '\'');
}
