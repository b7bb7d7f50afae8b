namespace DeployOps.Migrations.Sql;

/// <summary>
/// Several statements of MariaDB before one delimiter, which the server takes for as many. A semicolon belongs to a statement only within a compound one: between <c>BEGIN</c> and its
/// <c>END</c>, as in the body of a routine.
/// </summary>
internal static class StatementBundle
{
    // CREATE OR REPLACE DEFINER = user@host PACKAGE: what is made is named within so many.
    private const int HeadOfDefinition = 10;

    // END IF and the like close what opened without a word that is looked for here.
    private static readonly string[] ClosedByTheirOwn = ["IF", "WHILE", "LOOP", "REPEAT", "FOR"];

    /// <summary>The line on which a second statement begins; null where there is one alone.</summary>
    internal static int? SecondLine(SqlStatement statement)
    {
        var tokens = statement.Tokens;
        // A package is a compound without a BEGIN.
        var depth = statement.Begins("CREATE") && tokens.Take(HeadOfDefinition).Any(token => token.Is("PACKAGE")) ? 1 : 0;
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Kind == SqlTokenKind.Semicolon && depth <= 0 && Rest(tokens, i) is { } rest)
            {
                return rest.Line;
            }

            depth += Opens(tokens, i) ? 1 : Closes(tokens, i) ? -1 : 0;
        }

        return null;
    }

    private static SqlToken? Rest(IReadOnlyList<SqlToken> tokens, int place)
    {
        var rest = tokens.Skip(place + 1).Where(token => token.Kind != SqlTokenKind.Semicolon).Take(1).ToList();
        return rest.Count == 0 ? null : rest[0];
    }

    // BEGIN by itself, or BEGIN WORK, begins a transaction.
    private static bool Opens(IReadOnlyList<SqlToken> tokens, int place) =>
        (tokens[place].Is("BEGIN") && place + 1 < tokens.Count && tokens[place + 1].Kind != SqlTokenKind.Semicolon && !tokens[place + 1].Is("WORK"))
        || (tokens[place].Is("CASE") && !(place > 0 && tokens[place - 1].Is("END")));

    private static bool Closes(IReadOnlyList<SqlToken> tokens, int place) =>
        tokens[place].Is("END") && !(place + 1 < tokens.Count && Array.Exists(ClosedByTheirOwn, tokens[place + 1].Is));
}
