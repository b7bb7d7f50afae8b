namespace DeployOps.Migrations.Sql;

/// <summary>
/// Cuts SQL into words, strings, semicolons and comments by SQLite's lexical rules (sqlite.org/lang_keywords.html,
/// lang_comment.html): quotes are doubled within themselves, block comments do not nest, and an open string or comment runs to the end.
/// </summary>
public static class SqlLexer
{
    /// <summary>The pieces of a text in order, without white space.</summary>
    public static IEnumerable<SqlToken> Read(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return ReadTokens(sql);
    }

    private static IEnumerable<SqlToken> ReadTokens(string sql)
    {
        var line = 1;
        var at = 0;
        while (at < sql.Length)
        {
            if (char.IsWhiteSpace(sql[at]))
            {
                line += sql[at] == '\n' ? 1 : 0;
                at++;
                continue;
            }

            var (kind, end) = Piece(sql, at);
            var text = sql[at..end];
            yield return new SqlToken(kind, text, at, line);
            line += text.Count(c => c == '\n');
            at = end;
        }
    }

    private static (SqlTokenKind Kind, int End) Piece(string sql, int at) => sql[at] switch
    {
        ';' => (SqlTokenKind.Semicolon, at + 1),
        '-' when At(sql, at + 1) == '-' => (SqlTokenKind.LineComment, EndOfLine(sql, at)),
        '/' when At(sql, at + 1) == '*' => (SqlTokenKind.BlockComment, After(sql, "*/", at + 2)),
        '\'' or '"' or '`' => (SqlTokenKind.Other, AfterQuoted(sql, at)),
        '[' => (SqlTokenKind.Other, After(sql, "]", at + 1)),
        _ when IsWordStart(sql[at]) => (SqlTokenKind.Word, AfterWord(sql, at)),
        _ when char.IsAsciiDigit(sql[at]) => (SqlTokenKind.Other, AfterWord(sql, at)),
        _ => (SqlTokenKind.Other, at + 1),
    };

    private static char At(string sql, int at) => at < sql.Length ? sql[at] : '\0';

    private static int EndOfLine(string sql, int at)
    {
        var end = sql.IndexOf('\n', at);
        return end < 0 ? sql.Length : end;
    }

    private static int After(string sql, string closing, int from)
    {
        var end = sql.IndexOf(closing, Math.Min(from, sql.Length), StringComparison.Ordinal);
        return end < 0 ? sql.Length : end + closing.Length;
    }

    // A doubled quote reads as two strings side by side, which ends at the same place.
    private static int AfterQuoted(string sql, int at) => After(sql, sql[at].ToString(), at + 1);

    private static int AfterWord(string sql, int at)
    {
        while (at < sql.Length && (IsWordStart(sql[at]) || char.IsAsciiDigit(sql[at]) || sql[at] == '$'))
        {
            at++;
        }

        return at;
    }

    private static bool IsWordStart(char c) => char.IsAsciiLetter(c) || c is '_' || c > 127;
}
