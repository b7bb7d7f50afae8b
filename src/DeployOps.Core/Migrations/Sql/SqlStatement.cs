namespace DeployOps.Migrations.Sql;

/// <summary>One statement of a text.</summary>
/// <param name="Tokens">Its pieces without comments and without the closing semicolon; at least one.</param>
/// <param name="Text">Its characters, from the first piece to the last.</param>
public sealed record SqlStatement(IReadOnlyList<SqlToken> Tokens, string Text)
{
    /// <summary>The line it starts on, from 1.</summary>
    public int Line => Tokens[0].Line;

    /// <summary>Whether it begins with these keywords, in any case.</summary>
    public bool Begins(params ReadOnlySpan<string> keywords)
    {
        if (keywords.Length > Tokens.Count)
        {
            return false;
        }

        for (var i = 0; i < keywords.Length; i++)
        {
            if (!Tokens[i].Is(keywords[i]))
            {
                return false;
            }
        }

        return true;
    }
}
