namespace DeployOps.Migrations.Sql;

/// <summary>
/// Cuts SQL into words, strings, semicolons and comments by the lexical rules of a dialect. SQLite (sqlite.org/lang_keywords.html,
/// lang_comment.html): block comments do not nest, and an open string or comment runs to the end. PostgreSQL (manual, 4.1): dollar quotes,
/// <c>E''</c> with backslashes, nested comments. MariaDB (its manual, Lexical Structure): backslashes in strings, backticks, <c>#</c> comments.
/// </summary>
public static class SqlLexer
{
    private const int LongestCommand = 30;

    /// <summary>The pieces of a text in order, without white space.</summary>
    public static IEnumerable<SqlToken> Read(string sql, SqlDialect dialect = SqlDialect.Sqlite)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return ReadTokens(sql, dialect, 1);
    }

    /// <summary>The pieces of a statement that starts on this line.</summary>
    internal static IEnumerable<SqlToken> ReadTokens(string sql, SqlDialect dialect, int line) => ReadTokens(sql, new SqlLexing(dialect), line);

    /// <summary>The same in a mode of its session.</summary>
    internal static IEnumerable<SqlToken> ReadTokens(string sql, SqlLexing lexing, int line)
    {
        var at = 0;
        while (at < sql.Length)
        {
            if (SqlLetters.IsSpace(sql[at], lexing.Dialect))
            {
                line += sql[at] == '\n' ? 1 : 0;
                at++;
                continue;
            }

            var (kind, end) = Piece(sql, at, lexing);
            var token = new SqlToken(kind, sql, at, end - at, line);
            yield return token;
            lexing = lexing.After(kind);
            line += sql.AsSpan(at, end - at).Count('\n');
            at = end;
        }
    }

    /// <summary>Walks over the piece ahead, which is no white space.</summary>
    internal static SqlTokenKind Next(ref SqlScanner scanner, SqlLexing lexing)
    {
        var start = scanner.At;
        if (lexing.Delimiter != ";" && scanner.IsAhead(lexing.Delimiter))
        {
            scanner.Skip(lexing.Delimiter.Length);
            return SqlTokenKind.Semicolon;
        }

        var kind = Common(ref scanner) ?? lexing.Dialect switch
        {
            SqlDialect.PostgreSql => PostgreSql(ref scanner),
            SqlDialect.MariaDb => MariaDb(ref scanner, lexing),
            _ => Sqlite(ref scanner),
        };
        if (lexing.Delimiter != ";" && kind is SqlTokenKind.Word or SqlTokenKind.Number)
        {
            scanner.CutAt(start, lexing.Delimiter);
        }

        return kind;
    }

    private static (SqlTokenKind Kind, int End) Piece(string sql, int at, SqlLexing lexing)
    {
        var scanner = new SqlScanner(sql, at, isWhole: true);
        var kind = Next(ref scanner, lexing);
        return (kind, scanner.At);
    }

    private static SqlTokenKind? Common(ref SqlScanner scanner)
    {
        var letter = scanner.Peek();
        if (letter == ';')
        {
            return Symbol(ref scanner, SqlTokenKind.Semicolon);
        }

        if (!char.IsAsciiDigit(letter))
        {
            return null;
        }

        scanner.SkipWhile(static part => SqlLetters.IsWordPart(part));
        return SqlTokenKind.Number;
    }

    private static SqlTokenKind Sqlite(ref SqlScanner scanner)
    {
        switch (scanner.Peek())
        {
            case '-' when scanner.Peek(1) == '-':
                return LineComment(ref scanner);
            case '/' when scanner.Peek(1) == '*':
                return BlockComment(ref scanner);
            case '\'':
                return Quoted(ref scanner, SqlTokenKind.Text, escapes: false);
            case '"' or '`':
                return Quoted(ref scanner, SqlTokenKind.QuotedName, escapes: false);
            case '[':
                scanner.SkipPast("]", "a quoted identifier");
                return SqlTokenKind.QuotedName;
            default:
                return WordOrSymbol(ref scanner);
        }
    }

    private static SqlTokenKind PostgreSql(ref SqlScanner scanner)
    {
        switch (scanner.Peek())
        {
            case '-' when scanner.Peek(1) == '-':
                return LineComment(ref scanner);
            case '/' when scanner.Peek(1) == '*':
                scanner.SkipNested("a comment");
                return SqlTokenKind.BlockComment;
            case '\'':
                return Quoted(ref scanner, SqlTokenKind.Text, escapes: false);
            case '"':
                return Quoted(ref scanner, SqlTokenKind.QuotedName, escapes: false);
            case 'e' or 'E' when scanner.Peek(1) == '\'':
                scanner.Skip(1);
                return Escaped(ref scanner);
            case 'b' or 'B' or 'x' or 'X' or 'n' or 'N' when scanner.Peek(1) == '\'':
                scanner.Skip(1);
                return Quoted(ref scanner, SqlTokenKind.Text, escapes: false);
            case 'u' or 'U' when scanner.Peek(1) == '&' && scanner.Peek(2) is '\'' or '"':
                scanner.Skip(2);
                return Quoted(ref scanner, scanner.Peek() == '"' ? SqlTokenKind.QuotedName : SqlTokenKind.Text, escapes: false);
            case '$' when scanner.TrySkipDollarQuoted("a dollar-quoted string"):
                return SqlTokenKind.Text;
            case '\\':
                return Command(ref scanner);
            default:
                return WordOrSymbol(ref scanner);
        }
    }

    private static SqlTokenKind MariaDb(ref SqlScanner scanner, SqlLexing lexing)
    {
        switch (scanner.Peek())
        {
            // Two dashes are a comment only where a blank or a control character follows; 5--1 is 6.
            case '-' when scanner.Peek(1) == '-' && scanner.Peek(2) is <= ' ' or '\x7f':
            case '#':
                return LineComment(ref scanner);
            case '*' when lexing.IsExecutable && scanner.Peek(1) == '/':
                scanner.Skip(2);
                return SqlTokenKind.ExecutableMark;
            case '/' when scanner.Peek(1) == '*':
                return MariaDbComment(ref scanner);
            case '"' when lexing.AnsiQuotes:
                return Quoted(ref scanner, SqlTokenKind.QuotedName, escapes: false);
            case '\'' or '"':
                return Quoted(ref scanner, SqlTokenKind.Text, escapes: !lexing.PlainBackslashes);
            case '`':
                return Quoted(ref scanner, SqlTokenKind.QuotedName, escapes: false);
            case '\\':
                return Command(ref scanner);
            default:
                return WordOrSymbol(ref scanner);
        }
    }

    // The server skips /*!50003 and /*M!100100 as far as the version, and runs what follows.
    private static SqlTokenKind MariaDbComment(ref SqlScanner scanner)
    {
        var mark = (scanner.Peek(2), scanner.Peek(3)) switch { ('!', _) => 3, ('M', '!') => 4, _ => 0 };
        if (mark == 0)
        {
            return BlockComment(ref scanner);
        }

        scanner.Skip(mark);
        scanner.SkipWhile(char.IsAsciiDigit);
        return SqlTokenKind.ExecutableMark;
    }

    // A string goes on behind a line break, by the rules it began with: E'a' and on the next line 'b\''. Line comments may stand between (manual, 4.1.2.1, and quotecontinue of scan.l).
    private static SqlTokenKind Escaped(ref SqlScanner scanner)
    {
        while (true)
        {
            scanner.SkipQuoted('\'', escapes: true, "a string");
            var ahead = 0;
            var hasBreak = false;
            while (SqlLetters.IsSpace(scanner.Peek(ahead), SqlDialect.PostgreSql) || (scanner.Peek(ahead) == '-' && scanner.Peek(ahead + 1) == '-'))
            {
                hasBreak |= scanner.Peek(ahead) == '\n';
                ahead = scanner.Peek(ahead) == '-' ? EndOfLine(ref scanner, ahead) : ahead + 1;
            }

            if (!hasBreak || scanner.Peek(ahead) != '\'')
            {
                return SqlTokenKind.Text;
            }

            scanner.Skip(ahead);
        }
    }

    private static int EndOfLine(ref SqlScanner scanner, int ahead)
    {
        while (scanner.Peek(ahead) is not ('\n' or '\0'))
        {
            ahead++;
        }

        return ahead;
    }

    private static SqlTokenKind Command(ref SqlScanner scanner)
    {
        scanner.Skip(1);
        for (var i = 0; i < LongestCommand && scanner.Peek() > ' '; i++)
        {
            scanner.Skip(1);
        }

        return SqlTokenKind.Symbol;
    }

    private static SqlTokenKind LineComment(ref SqlScanner scanner)
    {
        scanner.SkipLine();
        return SqlTokenKind.LineComment;
    }

    private static SqlTokenKind BlockComment(ref SqlScanner scanner)
    {
        scanner.Skip(2);
        scanner.SkipPast("*/", "a comment");
        return SqlTokenKind.BlockComment;
    }

    private static SqlTokenKind Quoted(ref SqlScanner scanner, SqlTokenKind kind, bool escapes)
    {
        scanner.SkipQuoted(scanner.Peek(), escapes, kind == SqlTokenKind.Text ? "a string" : "a quoted identifier");
        return kind;
    }

    private static SqlTokenKind WordOrSymbol(ref SqlScanner scanner)
    {
        if (!SqlLetters.IsWordStart(scanner.Peek()))
        {
            return Symbol(ref scanner, SqlTokenKind.Symbol);
        }

        scanner.SkipWhile(static part => SqlLetters.IsWordPart(part));
        return SqlTokenKind.Word;
    }

    private static SqlTokenKind Symbol(ref SqlScanner scanner, SqlTokenKind kind)
    {
        scanner.Skip(1);
        return kind;
    }
}
