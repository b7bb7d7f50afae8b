using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>
/// Reads which of several routines of one name a statement of PostgreSQL means: the types of the arguments that it takes, without their modes and names. What it only gives back
/// does not count (PostgreSQL's manual, DROP FUNCTION).
/// </summary>
internal static class RoutineArguments
{
    private static readonly string[] Modes = ["IN", "INOUT", "VARIADIC"];
    private static readonly string[] Fields = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

    // Types of several words, by the word that may follow the first.
    private static readonly (string First, string[] Next)[] Long =
    [
        ("DOUBLE", ["PRECISION"]), ("CHARACTER", ["VARYING"]), ("CHAR", ["VARYING"]), ("NCHAR", ["VARYING"]), ("BIT", ["VARYING"]), ("NATIONAL", ["CHARACTER", "CHAR"]),
        ("TIMESTAMP", ["WITH", "WITHOUT"]), ("TIME", ["WITH", "WITHOUT"]), ("INTERVAL", Fields),
    ];

    /// <summary>The types, one a line.</summary>
    /// <param name="inner">What stands in the brackets behind the name.</param>
    /// <returns>Null where they cannot be read.</returns>
    internal static string? Read(SqlClause inner)
    {
        if (inner.IsEmpty || (inner.Tokens is [{ Text: "*" }]))
        {
            return "";
        }

        var types = new List<string>();
        foreach (var item in inner.Items(0))
        {
            var tokens = item.Tokens;
            if (tokens is [var mode, ..] && mode.Is("OUT"))
            {
                continue;
            }

            var from = tokens.Count > 1 && Array.Exists(Modes, tokens[0].Is) ? 1 : 0;
            if (TypeOf([.. tokens.Skip(from)]) is not { } type)
            {
                return null;
            }

            types.Add(type);
        }

        return string.Join('\n', types);
    }

    private static string? TypeOf(List<SqlToken> tokens)
    {
        var hasName = tokens is [{ Kind: SqlTokenKind.Word or SqlTokenKind.QuotedName }, { Kind: SqlTokenKind.Word or SqlTokenKind.QuotedName }, ..] && !IsLong(tokens) && !tokens[1].Is("ARRAY");
        var type = hasName ? tokens[1..] : tokens;
        return IsType(type) ? string.Join(' ', type.Select(token => token.Text)) : null;
    }

    private static bool IsLong(List<SqlToken> tokens) => tokens.Count > 1 && Array.Exists(Long, one => tokens[0].Is(one.First) && Array.Exists(one.Next, tokens[1].Is));

    // Anything else is asked of no server: it refuses the whole question where one type is not written as one.
    private static bool IsType(List<SqlToken> tokens)
    {
        var cursor = new SqlCursor(tokens);
        var isLong = IsLong(tokens);
        if (isLong)
        {
            return tokens.TrueForAll(token => token.Kind is SqlTokenKind.Word or SqlTokenKind.Number || token.Is('(') || token.Is(')'));
        }

        if (cursor.TakeName() is null)
        {
            return false;
        }

        if (cursor.Current.Is('('))
        {
            cursor.TakeBrackets();
        }

        cursor.Take("ARRAY");
        while (cursor.Take('['))
        {
            cursor.Skip(cursor.Current.Kind == SqlTokenKind.Number ? 1 : 0);
            if (!cursor.Take(']'))
            {
                return false;
            }
        }

        return cursor.IsAtEnd;
    }
}
