namespace DeployOps.Migrations.Sql;

/// <summary>
/// Finds the statements of a text for checks and line numbers; what runs is always the whole text, cut by the server itself.
/// A trigger ends at a semicolon after <c>END</c> after a semicolon, the rule of sqlite.org/c3ref/complete.html.
/// </summary>
public static class SqlStatements
{
    /// <summary>The statements in order; empty ones are left out.</summary>
    public static IEnumerable<SqlStatement> Read(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return ReadStatements(sql);
    }

    private static IEnumerable<SqlStatement> ReadStatements(string sql)
    {
        var tokens = new List<SqlToken>();
        foreach (var token in SqlLexer.Read(sql).Where(token => !token.IsComment))
        {
            var ends = token.Kind == SqlTokenKind.Semicolon && (!IsTrigger(tokens) || EndsTrigger(tokens));
            if (!ends)
            {
                tokens.Add(token);
            }
            else if (tokens.Count > 0)
            {
                yield return Statement(sql, tokens);
                tokens = [];
            }
        }

        if (tokens.Count > 0)
        {
            yield return Statement(sql, tokens);
        }
    }

    private static SqlStatement Statement(string sql, List<SqlToken> tokens) =>
        new(tokens, sql[tokens[0].Offset..(tokens[^1].Offset + tokens[^1].Text.Length)]);

    private static bool IsTrigger(List<SqlToken> tokens)
    {
        var at = SkipExplain(tokens);
        if (at >= tokens.Count || !tokens[at].Is("CREATE"))
        {
            return false;
        }

        at++;
        if (at < tokens.Count && (tokens[at].Is("TEMP") || tokens[at].Is("TEMPORARY")))
        {
            at++;
        }

        return at < tokens.Count && tokens[at].Is("TRIGGER");
    }

    private static int SkipExplain(List<SqlToken> tokens)
    {
        if (tokens.Count == 0 || !tokens[0].Is("EXPLAIN"))
        {
            return 0;
        }

        return tokens.Count > 2 && tokens[1].Is("QUERY") && tokens[2].Is("PLAN") ? 3 : 1;
    }

    private static bool EndsTrigger(List<SqlToken> tokens) =>
        tokens.Count >= 2 && tokens[^1].Is("END") && tokens[^2].Kind == SqlTokenKind.Semicolon;
}
