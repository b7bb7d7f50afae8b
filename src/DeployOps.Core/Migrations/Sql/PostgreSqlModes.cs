namespace DeployOps.Migrations.Sql;

/// <summary>
/// Refuses what would have PostgreSQL read the texts behind it otherwise than they were cut: with <c>standard_conforming_strings</c> off a backslash escapes in every text.
/// </summary>
internal static class PostgreSqlModes
{
    private const string Setting = "standard_conforming_strings";
    private const int LongestRead = 10_000;
    private static readonly string[] On = ["on", "true", "yes", "1", "'on'", "'true'", "'yes'", "'1'"];

    /// <summary>Refuses a statement that may turn it off for those behind it.</summary>
    /// <exception cref="SqlScriptException"><c>SqlStringsNotStandard</c>.</exception>
    internal static void Refuse(SqlStatement statement)
    {
        if (statement.Text.Length > LongestRead || !statement.Text.Contains(Setting, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var cursor = new SqlCursor(statement.Tokens);
        var isOff = cursor.Take("RESET") ? Takes(cursor)
            : cursor.Take("SET") ? TakesSetting(cursor) && !IsOn(cursor)
            : statement.Begins("SELECT") && statement.Tokens.Any(token => token.Is("set_config")) && statement.Tokens.Any(token => token.Kind == SqlTokenKind.Text && token.Text.Equals($"'{Setting}'", StringComparison.OrdinalIgnoreCase))
                && !statement.Tokens.Any(token => Array.Exists(On, value => token.Kind == SqlTokenKind.Text && token.Text.Equals(value, StringComparison.OrdinalIgnoreCase)));
        if (isOff)
        {
            throw new SqlScriptException(
                "SqlStringsNotStandard",
                FaultKind.InvalidData,
                statement.Line,
                $"{Setting} is turned off here, and the server would end the texts after it elsewhere than they were cut.",
                "Leave it on, and write a text that needs backslashes as E'…'.");
        }
    }

    private static bool TakesSetting(SqlCursor cursor)
    {
        _ = cursor.Take("SESSION") || cursor.Take("LOCAL");
        return Takes(cursor);
    }

    private static bool Takes(SqlCursor cursor) => cursor.TakeName()?.Name.Equals(Setting, StringComparison.OrdinalIgnoreCase) == true;

    private static bool IsOn(SqlCursor cursor)
    {
        _ = cursor.Take('=') || cursor.Take("TO");
        return !cursor.IsAtEnd && Array.Exists(On, value => cursor.Current.Span.Equals(value, StringComparison.OrdinalIgnoreCase));
    }
}
