namespace DeployOps.Migrations.Sql;

/// <summary>One statement of a script. What it consists of is read from its text when asked for, so that one that only runs costs its text.</summary>
public sealed class SqlStatement
{
    private const int HeadLength = 16;
    private const int OpeningWords = 4;

    private IReadOnlyList<SqlToken>? tokens;
    private SqlToken[]? head;

    internal SqlStatement(string text, int line, long offset, SqlDialect dialect)
    {
        Text = text;
        Line = line;
        Offset = offset;
        Dialect = dialect;
        Lexing = new SqlLexing(dialect);
    }

    /// <summary>Its characters as in the script, from the first piece to the last, without comments around it and without what ends it.</summary>
    public string Text { get; }

    /// <summary>The line of the script it starts on, from 1.</summary>
    public int Line { get; }

    /// <summary>Where it starts in the script, in characters from 0.</summary>
    public long Offset { get; }

    /// <summary>Whose rules it was read by.</summary>
    public SqlDialect Dialect { get; }

    /// <summary>The <c>-- deployops:</c> comments between the statement before and this one.</summary>
    public IReadOnlyList<SqlDirective> Directives { get; internal init; } = [];

    /// <summary>How the statement is repeated where <c>-- deployops: repeat-until-zero</c> stands before it; null for every other statement.</summary>
    public SqlRepetition? Repetition => Directives.FirstOrDefault(directive => directive.Name == SqlRepetition.Name) is { } directive ? SqlRepetition.TryRead(directive) : null;

    /// <summary>
    /// PostgreSQL's <c>COPY … FROM STDIN</c>: the lines of data that follow it in the script, without line ends and without the closing <c>\.</c>.
    /// They are read once, from the script, before the next statement is; who does not want them need do nothing. Null for every other statement.
    /// </summary>
    public IEnumerable<string>? CopyLines { get; internal init; }

    /// <summary>
    /// How many of its characters come before the rows, as far as VALUES, where it is an INSERT of literal rows and nothing else; null for every other statement. What is written so is
    /// known from that beginning, however many rows follow.
    /// </summary>
    internal int? RowsHead { get; init; }

    /// <summary>Its pieces without comments and without what ends it; at least one. Their offsets are within <see cref="Text"/>, their lines those of the script.</summary>
    public IReadOnlyList<SqlToken> Tokens => tokens ??= [.. Read()];

    /// <summary>Its first words as far as they stand side by side, four at most: what it does, without a value in it.</summary>
    public string Opening => string.Join(' ', Head.TakeWhile(token => token.Kind == SqlTokenKind.Word).Take(OpeningWords).Select(token => token.Text));

    /// <summary>What its pieces depend on.</summary>
    internal SqlLexing Lexing { get; init; }

    private IReadOnlyList<SqlToken> Head => tokens ?? (head ??= [.. Read().Take(HeadLength)]);

    /// <summary>Whether it begins with these keywords, in any case.</summary>
    public bool Begins(params ReadOnlySpan<string> keywords)
    {
        var known = keywords.Length > HeadLength ? Tokens : Head;
        if (keywords.Length > known.Count)
        {
            return false;
        }

        for (var i = 0; i < keywords.Length; i++)
        {
            if (!known[i].Is(keywords[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>The same pieces as <see cref="Tokens"/>, each when it is asked for.</summary>
    internal IEnumerable<SqlToken> Read() =>
        SqlLexer.ReadTokens(Text, Lexing, Line).Where(token => !token.IsComment && token.Kind != SqlTokenKind.ExecutableMark);
}
