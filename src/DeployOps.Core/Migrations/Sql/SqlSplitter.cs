namespace DeployOps.Migrations.Sql;

/// <summary>Cuts one script into statements while it reads it.</summary>
internal sealed class SqlSplitter
{
    private const int Block = 16 * 1024;

    private readonly SqlDialect dialect;
    private readonly SqlSource source;
    private readonly ISqlBoundary boundary;
    private readonly SqlRows rows = new();
    private readonly List<SqlDirective> directives = [];
    private readonly MariaDbModes modes = new();
    private SqlLexing lexing;
    private int startLine;
    private bool hasCode;
    private SqlCopyData? data;

    /// <summary>Makes the splitter of a script.</summary>
    /// <param name="script">The script; the caller closes it.</param>
    /// <param name="dialect">Whose rules.</param>
    /// <param name="block">How many characters to read at least at a time, from 1.</param>
    /// <param name="ansiQuotes">Whether the session begins in MariaDB's mode ANSI_QUOTES.</param>
    internal SqlSplitter(TextReader script, SqlDialect dialect, int block = Block, bool ansiQuotes = false)
    {
        this.dialect = dialect;
        source = new SqlSource(script, block);
        lexing = new SqlLexing(dialect, AnsiQuotes: ansiQuotes && dialect == SqlDialect.MariaDb);
        boundary = dialect switch
        {
            SqlDialect.PostgreSql => new PostgreSqlBoundary(),
            SqlDialect.MariaDb => new MariaDbBoundary(),
            _ => new SqliteBoundary(),
        };
    }

    /// <summary>The directives behind the last statement, once all were read.</summary>
    internal IReadOnlyList<SqlDirective> Trailing => directives;

    /// <summary>The statements in order, once.</summary>
    internal IEnumerable<SqlStatement> Read()
    {
        while (Next() is { } statement)
        {
            yield return statement;
            data?.Skip();
            data = null;
        }
    }

    private SqlStatement? Next()
    {
        boundary.Reset();
        rows.Reset();
        while (SkipSpace())
        {
            if (IsDelimiterLine())
            {
                lexing = lexing with { Delimiter = DelimiterLine.Read(source) };
            }
            else if (TakePiece())
            {
                return Statement();
            }
        }

        return hasCode ? Statement() : null;
    }

    // True at the end of a statement.
    private bool TakePiece()
    {
        var (kind, end) = Piece();
        var piece = source.Text[source.At..end];
        if (kind is SqlTokenKind.LineComment or SqlTokenKind.BlockComment)
        {
            TakeDirective(kind, piece);
        }
        else if (kind == SqlTokenKind.Semicolon && IsDelimiter(piece) && boundary.CanEnd)
        {
            source.MoveTo(end);
            return EndsStatement();
        }
        else
        {
            startLine = source.HasBegun ? startLine : source.Line;
            hasCode |= kind != SqlTokenKind.ExecutableMark;
            source.Keep(end);
            boundary.Take(kind, piece);
            rows.Take(kind, piece, source.Kept);
            lexing = lexing.After(kind);
        }

        source.MoveTo(end);
        return false;
    }

    private bool EndsStatement()
    {
        if (!hasCode)
        {
            source.Drop();
            boundary.Reset();
            rows.Reset();
        }

        return hasCode;
    }

    private SqlStatement Statement()
    {
        var offset = source.StartOffset;
        data = boundary.HasData ? new SqlCopyData(source, startLine) : null;
        var statement = new SqlStatement(source.Take(), startLine, offset, dialect) { Directives = [.. directives], CopyLines = data?.Lines(), RowsHead = rows.Head, Lexing = lexing with { Delimiter = ";", IsExecutable = false } };
        directives.Clear();
        hasCode = false;
        if (lexing.Delimiter != ";" && StatementBundle.SecondLine(statement) is { } second)
        {
            throw new SqlScriptException(
                "SqlStatementsBundled",
                FaultKind.InvalidData,
                second,
                $"another statement begins before the delimiter {lexing.Delimiter}: the server would run both at once, and nobody could tell which of them failed.",
                $"End each in {lexing.Delimiter}, write DELIMITER ; before them, or put a routine's body into BEGIN and END.");
        }

        lexing = dialect == SqlDialect.MariaDb ? modes.After(statement, lexing) : lexing;
        if (dialect == SqlDialect.PostgreSql)
        {
            PostgreSqlModes.Refuse(statement);
        }

        return statement;
    }

    private (SqlTokenKind Kind, int End) Piece()
    {
        while (true)
        {
            var scanner = source.Scan();
            var kind = SqlLexer.Next(ref scanner, lexing);
            if (!scanner.RanOut)
            {
                RefuseOpen(scanner.Open);
                RefuseCommand(kind, source.Text[source.At..scanner.At]);
                return (kind, scanner.At);
            }

            source.Fill();
        }
    }

    private bool SkipSpace()
    {
        while (true)
        {
            var at = source.At;
            var text = source.Text;
            while (at < text.Length && SqlLetters.IsSpace(text[at], dialect))
            {
                at++;
            }

            var isFound = at < text.Length;
            source.MoveTo(at);
            if (isFound || source.IsWhole)
            {
                return isFound;
            }

            source.Fill();
        }
    }

    private bool IsDelimiter(ReadOnlySpan<char> piece) => piece.Equals(lexing.Delimiter, StringComparison.OrdinalIgnoreCase);

    private bool IsDelimiterLine()
    {
        if (dialect != SqlDialect.MariaDb || source.HasBegun)
        {
            return false;
        }

        while (!source.IsWhole && source.Ahead.Length <= DelimiterLine.Command.Length)
        {
            source.Fill();
        }

        return DelimiterLine.IsAhead(source.Ahead);
    }

    private void TakeDirective(SqlTokenKind kind, ReadOnlySpan<char> comment)
    {
        if (kind == SqlTokenKind.LineComment && !source.HasBegun && SqlDirective.TryRead(comment, source.Line) is { } directive)
        {
            directives.Add(directive);
        }
    }

    private void RefuseOpen(string? open)
    {
        if (open is not null && dialect != SqlDialect.Sqlite)
        {
            throw new SqlScriptException("SqlTextUnterminated", FaultKind.InvalidData, source.Line, $"{open} begins here and does not end.", "Close it.");
        }
    }

    private void RefuseCommand(SqlTokenKind kind, ReadOnlySpan<char> piece)
    {
        if (kind == SqlTokenKind.Symbol && piece[0] == '\\' && dialect != SqlDialect.Sqlite)
        {
            throw MetaCommands.Refusal(piece.ToString(), dialect, source.Line);
        }
    }
}
