namespace DeployOps.Migrations.Sql;

/// <summary>
/// How MariaDB reads what comes after a <c>SET sql_mode</c>: in NO_BACKSLASH_ESCAPES a backslash is a letter like others, in ANSI_QUOTES, and in the modes that hold it, double quotes
/// hold a name. The script's own words tell the mode; where they do not, what follows could be cut wrongly, and is refused.
/// </summary>
internal sealed class MariaDbModes
{
    private const string Plain = "NO_BACKSLASH_ESCAPES";
    private const string Ansi = "ANSI_QUOTES";
    private const int LongestRead = 10_000;
    private static readonly string[] OfAnsi = [Ansi, "ANSI", "ORACLE", "MSSQL", "DB2", "MAXDB", "POSTGRESQL"];

    // What the script keeps in variables, such as the mode that it puts back in the end.
    private readonly Dictionary<string, (bool Plain, bool Ansi)> kept = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What the pieces behind a statement depend on.</summary>
    /// <exception cref="SqlScriptException"><c>SqlModeUnknown</c>.</exception>
    internal SqlLexing After(SqlStatement statement, SqlLexing lexing)
    {
        if (statement.Text.Length > LongestRead || !statement.Text.Contains("sql_mode", StringComparison.OrdinalIgnoreCase) || statement.Begins("CREATE") || statement.Begins("SET", "STATEMENT"))
        {
            return lexing;
        }

        var tokens = statement.Tokens;
        var mode = (lexing.PlainBackslashes, lexing.AnsiQuotes);
        for (var i = 0; i < tokens.Count; i++)
        {
            if (IsAssignment(tokens, i, out var value) && NameAt(tokens, i) is { } name)
            {
                var assigned = Value(statement, tokens, value, mode, name.IsVariable);
                if (!name.IsVariable)
                {
                    mode = assigned ?? mode;
                }
                else if (assigned is { } known)
                {
                    kept[name.Name] = known;
                }
            }
        }

        return lexing with { PlainBackslashes = mode.PlainBackslashes, AnsiQuotes = mode.AnsiQuotes };
    }

    private static bool IsAssignment(IReadOnlyList<SqlToken> tokens, int at, out int value)
    {
        value = tokens[at].Is(':') && at + 1 < tokens.Count && tokens[at + 1].Is('=') ? at + 2 : at + 1;
        return at > 0 && (value == at + 2 || tokens[at].Is('=')) && !(tokens[at].Is('=') && tokens[at - 1].Is(':'));
    }

    // sql_mode, SESSION sql_mode and @@session.sql_mode; a variable @name; null for every other setting and for the server's own.
    private static (string Name, bool IsVariable)? NameAt(IReadOnlyList<SqlToken> tokens, int equals)
    {
        var name = tokens[equals - 1];
        var before = equals > 1 ? tokens[equals - 2] : default;
        if (before.Text is not null && before.Is('@') && !(equals > 2 && tokens[equals - 3].Is('@')))
        {
            return (name.Text.Trim('`', '\'', '"'), true);
        }

        var scope = before.Text is not null && before.Is('.') && equals > 2 ? tokens[equals - 3] : before;
        return name.Is("sql_mode") && !(scope.Text is not null && (scope.Is("GLOBAL") || scope.Is("PERSIST"))) ? ("", false) : null;
    }

    // Null where it says nothing of these modes.
    private (bool Plain, bool Ansi)? Value(SqlStatement statement, IReadOnlyList<SqlToken> tokens, int from, (bool Plain, bool Ansi) now, bool isVariable)
    {
        var value = new List<SqlToken>();
        for (var (i, depth) = (from, 0); i < tokens.Count && !(depth == 0 && (tokens[i].Is(',') || tokens[i].Kind == SqlTokenKind.Semicolon)); i++)
        {
            depth += tokens[i].Is('(') ? 1 : tokens[i].Is(')') ? -1 : 0;
            value.Add(tokens[i]);
        }

        var texts = value.Where(token => token.Kind is SqlTokenKind.Text or SqlTokenKind.QuotedName).Select(token => Of(token.Text.Trim('\'', '"', '`'))).ToList();
        var words = (Plain: texts.Exists(text => text.Plain), Ansi: texts.Exists(text => text.Ansi));
        var readsMode = value.Exists(token => token.Is("sql_mode"));
        return value switch
        {
            [{ Kind: SqlTokenKind.Text or SqlTokenKind.QuotedName }] => words,
            [{ Kind: SqlTokenKind.Word } word] when !isVariable => Of(word.Text),
            [var zero] when zero.Span is "0" => (false, false),
            [var at, var name] when at.Is('@') && kept.TryGetValue(name.Text.Trim('`', '\'', '"'), out var known) => known,
            [var first, var second, ..] when first.Is('@') && second.Is('@') && readsMode && texts.Count == 0 => now,
            [var function, ..] when readsMode && function.Is("CONCAT") || value is [var other, ..] && readsMode && other.Is("CONCAT_WS") => (now.Plain || words.Plain, now.Ansi || words.Ansi),
            [var function, ..] when readsMode && function.Is("REPLACE") && texts is [var taken, (false, false)] => (now.Plain && !taken.Plain, now.Ansi && !taken.Ansi),
            _ when isVariable && words == (false, false) => null,
            _ => throw new SqlScriptException(
                "SqlModeUnknown",
                FaultKind.InvalidData,
                statement.Line,
                $"what sql_mode is set to here is not known before it runs, and {Plain} or {Ansi} in it would end the texts after it elsewhere.",
                "Write its words out, such as SET sql_mode = 'ANSI_QUOTES'."),
        };
    }

    private static (bool Plain, bool Ansi) Of(string modes)
    {
        var all = modes.Split(',', StringSplitOptions.TrimEntries);
        return (all.Contains(Plain, StringComparer.OrdinalIgnoreCase), all.Any(mode => OfAnsi.Contains(mode, StringComparer.OrdinalIgnoreCase)));
    }
}
