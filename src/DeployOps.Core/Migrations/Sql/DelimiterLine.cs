namespace DeployOps.Migrations.Sql;

/// <summary>The mariadb client's <c>DELIMITER //</c>: a line for the client, not for the server.</summary>
internal static class DelimiterLine
{
    internal const string Command = "DELIMITER";

    internal static bool IsAhead(ReadOnlySpan<char> text) =>
        text.StartsWith(Command, StringComparison.OrdinalIgnoreCase) && (text.Length == Command.Length || text[Command.Length] is ' ' or '\t' or '\r' or '\n');

    /// <summary>Reads the line and answers the delimiter: its second word.</summary>
    /// <exception cref="SqlScriptException"><c>SqlDelimiterInvalid</c>.</exception>
    internal static string Read(SqlSource source)
    {
        var line = source.Line;
        var words = source.ReadLine()![Command.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0].Contains('\\', StringComparison.Ordinal))
        {
            throw new SqlScriptException(
                "SqlDelimiterInvalid", FaultKind.InvalidData, line, "DELIMITER needs what ends a statement from here on, without a backslash.", "Write it such as DELIMITER //, and DELIMITER ; when done.");
        }

        return words[0];
    }
}
