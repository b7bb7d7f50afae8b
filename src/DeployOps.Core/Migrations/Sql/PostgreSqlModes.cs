namespace DeployOps.Migrations.Sql;

/// <summary>
/// Refuses what would have PostgreSQL read the texts behind it otherwise than they were cut: with <c>standard_conforming_strings</c> off a backslash escapes in every text.
/// </summary>
internal static class PostgreSqlModes
{
    private const string Setting = "standard_conforming_strings";
    private static readonly string[] On = ["on", "true", "yes", "1", "'on'", "'true'", "'yes'", "'1'"];

    /// <summary>Refuses a statement that may turn it off for those behind it.</summary>
    /// <exception cref="SqlScriptException"><c>SqlStringsNotStandard</c>.</exception>
    internal static void Refuse(SqlStatement statement)
    {
        if (!statement.Text.Contains(Setting, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var cursor = new SqlCursor(statement.Tokens);
        var isOff = cursor.Take("RESET") ? Takes(cursor)
            : cursor.Take("SET") ? TakesSetting(cursor) && !IsOn(cursor)
            : CallMayTurnOff(statement.Tokens) || (statement.Begins("DO") && BlockMayTurnOff(statement.Tokens));
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

    // What a block does to its session stays.
    private static bool BlockMayTurnOff(IReadOnlyList<SqlToken> tokens) => tokens.Where(token => token.Kind == SqlTokenKind.Text).Any(block =>
    {
        List<SqlToken> inner = [.. SqlLexer.Read(block.Text.Trim('$', '\''), SqlDialect.PostgreSql).Where(token => !token.IsComment)];
        return CallMayTurnOff(inner) || Enumerable.Range(0, inner.Count).Any(at =>
        {
            var cursor = new SqlCursor(inner, at);
            return cursor.Take("RESET") ? Takes(cursor) : cursor.Take("SET") && TakesSetting(cursor) && !IsOn(cursor);
        });
    });

    // Wherever a query calls it. Only a call whose name and value are texts, as they stand in the manual, can be read.
    private static bool CallMayTurnOff(IReadOnlyList<SqlToken> tokens)
    {
        for (var at = 0; at < tokens.Count; at++)
        {
            var cursor = new SqlCursor(tokens, at);
            if (cursor.TakeName() is { Name: "set_config" } && cursor.Take('(') && MayTurnOff(cursor))
            {
                return true;
            }
        }

        return false;
    }

    private static bool MayTurnOff(SqlCursor arguments)
    {
        var isText = arguments.Current.Kind == SqlTokenKind.Text;
        var name = arguments.Current.Text ?? "";
        arguments.Skip();
        if (isText && arguments.Take(','))
        {
            return name.Contains(Setting, StringComparison.OrdinalIgnoreCase) && !IsOnAlone(arguments);
        }

        // A name that is computed, or given by its parameter's name: the setting stands somewhere in the statement.
        return true;
    }

    private static bool IsOnAlone(SqlCursor arguments)
    {
        var isOn = IsOn(arguments);
        arguments.Skip();
        return isOn && arguments.Take(',');
    }
}
