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
    /// <summary>Engines whose tables lie elsewhere, so that no right on a database keeps anybody from them.</summary>
    internal static readonly string[] EnginesElsewhere = ["FEDERATED", "FEDERATEDX", "CONNECT", "SPIDER", "S3", "SPHINX", "OQGRAPH"];

    /// <summary>The same, and those whose tables consist of other tables.</summary>
    internal static readonly string[] EnginesBeyond = [.. EnginesElsewhere, "MERGE", "MRG_MYISAM"];

    // Of these the server's rights on a database keep nobody: locks by a name that the whole server shares, files in other folders, the copy as a whole, the account itself.
    private static readonly string[] Unguarded = ["GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS", "DIRECTORY"];

    private static readonly string[] OfRows =
        ["INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH", "VALUES", "DO", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "TRUNCATE", "RENAME", "ANALYZE", "CHECK", "OPTIMIZE", "SHOW", "EXPLAIN", "DESC", "DESCRIBE", "CHECKSUM"];

    private static readonly string[] OfDefinitions = ["CREATE", "ALTER", "DROP"];
    private static readonly string[] KindsWithin = ["TABLE", "INDEX", "VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "SEQUENCE", "PACKAGE"];
    private static readonly string[] KindsBeyond = ["DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "EVENT", "TABLESPACE", "LOGFILE", "UNDO", "INSTANCE", "SYSTEM"];

    // CREATE OR REPLACE DEFINER = user@host AGGREGATE FUNCTION: what is made is named within so many.
    private const int HeadOfDefinition = 10;

    // They run what is made only then or elsewhere, touch files or locks of the server, or change who it is that runs.
    private static readonly string[] Opaque = ["PREPARE", "EXECUTE", "CALL", "OUTFILE", "DUMPFILE", "LOAD_FILE", "SONAME", "DIRECTORY", "GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS", "KILL",
        "GLOBAL", "GRANT", "REVOKE", "FLUSH", "RESET", "PURGE", "SHUTDOWN", "SLAVE", "REPLICA", "MASTER", "INSTALL", "UNINSTALL"];

    private static readonly string[] NotOfSession = ["GLOBAL", "PERSIST", "STATEMENT"];

    // How long statements wait and what they check: nothing of where they write, what is logged of it, or how their text is read.
    private static readonly string[] OfSession = ["foreign_key_checks", "unique_checks", "check_constraint_checks", "time_zone", "lock_wait_timeout", "innodb_lock_wait_timeout", "max_statement_time"];

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

    /// <summary>
    /// The same where the server itself keeps scripts within the database, by an account that has rights on nothing else: only what such an account may do all the same, as far as its words tell.
    /// </summary>
    internal string? FindUnguarded(IEnumerable<MigrationScript> scripts, IEnumerable<ValidationQuery> queries) =>
        (from script in scripts
         from statement in script.Statements()
         let why = Unguards(statement)
         where why is not null
         select string.Create(CultureInfo.InvariantCulture, $"{script.FileName}:{statement.Line} {why}")).FirstOrDefault() ?? Find([], queries);

    private static string? Unguards(SqlStatement statement) =>
        Array.Find(Unguarded, word => statement.Tokens.Any(token => token.Is(word))) is { } word ? $"has {word}, which reaches beyond the database"
        : statement.Begins("SET", "PASSWORD") || statement.Begins("DROP", "DATABASE") || statement.Begins("DROP", "SCHEMA") || statement.Begins("ALTER", "DATABASE") || statement.Begins("ALTER", "SCHEMA") ? Beyond(statement)
        : null;

    /// <summary>Why what stands in a text may reach beyond: it names another database, or runs what nobody can read here; null where it does not.</summary>
    internal string? Why(string text)
    {
        var tokens = SqlLexer.Read(text, SqlDialect.MariaDb).Where(token => !token.IsComment).ToList();
        if (tokens.Exists(token => token.Kind == SqlTokenKind.ExecutableMark))
        {
            return "has a comment that only some versions run";
        }

        SqlToken? before = null;
        foreach (var token in tokens)
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

    private string? Why(SqlStatement statement) => KindOf(statement) ?? Why(statement.Text) ?? DefinitionWithin(statement);

    // In a body, too, nothing of the whole server is made, changed or dropped.
    private static string? DefinitionWithin(SqlStatement statement)
    {
        for (var i = 1; i < statement.Tokens.Count; i++)
        {
            if (Array.Exists(OfDefinitions, statement.Tokens[i].Is)
                && statement.Tokens.Skip(i + 1).Take(HeadOfDefinition).FirstOrDefault(token => Array.Exists(KindsWithin, token.Is) || Array.Exists(KindsBeyond, token.Is)) is { Text: not null } kind
                && Array.Exists(KindsBeyond, kind.Is))
            {
                return Beyond(statement);
            }
        }

        return null;
    }

    private static string? KindOf(SqlStatement statement)
    {
        if (Array.Exists(OfDefinitions, word => statement.Begins(word)))
        {
            var kind = statement.Tokens.FirstOrDefault(token => Array.Exists(KindsWithin, token.Is) || Array.Exists(KindsBeyond, token.Is));
            // DROP FUNCTION looks first among the functions that were loaded into the server.
            return kind.Text is null || Array.Exists(KindsBeyond, kind.Is) || (statement.Begins("DROP") && kind.Is("FUNCTION")) ? Beyond(statement) : EngineOf(statement.Tokens);
        }

        if (statement.Begins("SET"))
        {
            return IsOfSession(statement.Tokens) ? null : Beyond(statement);
        }

        // BEGIN NOT ATOMIC begins a program.
        if (statement.Begins("BEGIN") || statement.Begins("START"))
        {
            return statement.Begins("START", "TRANSACTION") || statement.Tokens.Count == 1 || statement.Begins("BEGIN", "WORK") ? null : Beyond(statement);
        }

        return Array.Exists(OfRows, word => statement.Begins(word)) && !statement.Begins("RENAME", "USER") ? null : Beyond(statement);
    }

    // Whatever is set is known to change nothing but the connection, or is a variable of its user.
    private static bool IsOfSession(IReadOnlyList<SqlToken> tokens)
    {
        var set = Enumerable.Range(1, tokens.Count - 1).Where(i => tokens[i].Is('=') || tokens[i].Span is ":=").ToList();
        return set.Count > 0 && !tokens.Any(token => Array.Exists(NotOfSession, token.Is)) && set.TrueForAll(i => (i > 1 && tokens[i - 2].Is('@') && !(i > 2 && tokens[i - 3].Is('@'))) || tokens[i - 1].Span is ['@', not '@', ..] || Array.Exists(OfSession, tokens[i - 1].Is));
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
