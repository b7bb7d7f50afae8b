namespace DeployOps.Migrations.Sql;

/// <summary>Walks over the pieces of a statement, for whoever wants to know what it does.</summary>
/// <param name="tokens">The pieces, without comments.</param>
/// <param name="at">The first one to look at.</param>
public sealed class SqlCursor(IReadOnlyList<SqlToken> tokens, int at = 0)
{
    /// <summary>The index of the next piece.</summary>
    public int At { get; private set; } = at;

    /// <summary>Whether all pieces were walked over.</summary>
    public bool IsAtEnd => At >= tokens.Count;

    /// <summary>The next piece; none behind the end.</summary>
    public SqlToken Current => At < tokens.Count ? tokens[At] : default;

    /// <summary>The piece behind the next one; none behind the end.</summary>
    internal SqlToken Next => At + 1 < tokens.Count ? tokens[At + 1] : default;

    /// <summary>Walks over so many pieces.</summary>
    public void Skip(int count = 1) => At = Math.Min(At + count, tokens.Count);

    /// <summary>Whether these keywords follow.</summary>
    public bool Sees(params ReadOnlySpan<string> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (At + i >= tokens.Count || !tokens[At + i].Is(words[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether one of these keywords follows.</summary>
    public bool SeesOneOf(params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (Sees(word))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Walks over these keywords if they follow.</summary>
    public bool Take(params ReadOnlySpan<string> words)
    {
        var isThere = Sees(words);
        At += isThere ? words.Length : 0;
        return isThere;
    }

    /// <summary>Walks over this character if it follows.</summary>
    public bool Take(char symbol)
    {
        var isThere = Current.Span.Length > 0 && Current.Is(symbol);
        At += isThere ? 1 : 0;
        return isThere;
    }

    /// <summary>Walks over <c>IF EXISTS</c>, <c>IF NOT EXISTS</c> and <c>ONLY</c>.</summary>
    public void TakeNoise()
    {
        while (Take("IF", "NOT", "EXISTS") || Take("IF", "EXISTS") || Take("ONLY"))
        {
            // Each says nothing about what the statement does.
        }
    }

    /// <summary>Walks over a name with the schema before it; null where none follows.</summary>
    public SqlName? TakeName()
    {
        string? schema = null;
        var written = "";
        while (Current.MayBeName)
        {
            var part = SqlName.Part(Current);
            written += Current.Text;
            Skip();
            if (!Take('.'))
            {
                return new SqlName(schema, part) { Written = written };
            }

            written += ".";

            schema = schema is null ? part : $"{schema}.{part}";
        }

        return null;
    }

    /// <summary>Walks over the names of a list, each with <c>ONLY</c> before it, <c>*</c> or columns in brackets behind it; none where none follows.</summary>
    public IReadOnlyList<SqlName> TakeNames()
    {
        var names = new List<SqlName>();
        do
        {
            TakeNoise();
            if (TakeName() is not { } name)
            {
                break;
            }

            names.Add(name);
            Take('*');
            if (Current.Is('('))
            {
                TakeBrackets();
            }
        }
        while (Take(','));

        return names;
    }

    /// <summary>Walks behind the closing bracket of the one that follows, if one does.</summary>
    public void TakeBrackets()
    {
        var depth = 0;
        do
        {
            depth += Depth(Current);
            At += depth > 0 || (!IsAtEnd && Current.Is(')')) ? 1 : 0;
        }
        while (depth > 0 && !IsAtEnd);
    }

    /// <summary>Walks to the next comma outside of brackets, or to the bracket that closes what it is in, or to the end.</summary>
    public void TakeItem()
    {
        var depth = 0;
        while (!IsAtEnd && (depth > 0 || !(Current.Is(',') || Current.Is(')'))))
        {
            depth += Depth(Current);
            At++;
        }
    }

    private static int Depth(SqlToken token) => token.Span.Length == 0 ? 0 : token.Is('(') ? 1 : token.Is(')') ? -1 : 0;
}
