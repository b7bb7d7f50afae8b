using DeployOps.Migrations.Sql;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// The statements that cannot take effect and leave the definition of their subject as it was, unless they would do the same again without harm. Others, such as
/// <c>EXCHANGE PARTITION</c>, change what it holds.
/// </summary>
internal static class MariaDbDefinitions
{
    // What begins a clause of ALTER TABLE: the first six change the definition, the rest is the same again when said again.
    private static readonly string[] Clauses =
        ["ADD", "DROP", "MODIFY", "CHANGE", "ALTER", "RENAME", "ALGORITHM", "LOCK", "CONVERT", "COMMENT", "ENGINE", "ROW_FORMAT", "DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "FORCE"];

    /// <summary>Whether the definition of what it changes tells that a statement took effect.</summary>
    internal static bool Tells(SqlStatement statement) =>
        statement.Begins("CREATE") || statement.Begins("DROP")
        || (statement.Begins("RENAME", "TABLE") && !statement.Tokens.Any(token => token.Is(',')))
        || (statement.Begins("ALTER") && TellsOfAlter(statement.Tokens));

    private static bool TellsOfAlter(IReadOnlyList<SqlToken> tokens)
    {
        var at = 1;
        while (at < tokens.Count && (tokens[at].Is("ONLINE") || tokens[at].Is("IGNORE")))
        {
            at++;
        }

        return at < tokens.Count && (tokens[at].Is("TABLE") ? TellsOfTable(tokens, at + 1) : !tokens[at].Is("SEQUENCE") || !tokens.Any(token => token.Is("RESTART")));
    }

    // [IF EXISTS] name [WAIT n | NOWAIT] clause, clause, …
    private static bool TellsOfTable(IReadOnlyList<SqlToken> tokens, int at)
    {
        at += at + 1 < tokens.Count && tokens[at].Is("IF") && tokens[at + 1].Is("EXISTS") ? 2 : 0;
        at++;
        while (at + 1 < tokens.Count && tokens[at].Is('.'))
        {
            at += 2;
        }

        at += at < tokens.Count && tokens[at].Is("NOWAIT") ? 1 : at < tokens.Count && tokens[at].Is("WAIT") ? 2 : 0;
        var isStart = true;
        for (var depth = 0; at < tokens.Count; at++)
        {
            if (isStart && !Array.Exists(Clauses, tokens[at].Is))
            {
                return false;
            }

            depth += tokens[at].Is('(') ? 1 : tokens[at].Is(')') ? -1 : 0;
            isStart = depth == 0 && tokens[at].Is(',');
        }

        return !isStart;
    }
}
