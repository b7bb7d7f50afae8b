namespace DeployOps.Adapters.PostgreSql;

/// <summary>Names and texts as PostgreSQL writes them.</summary>
internal static class PostgreSqlNames
{
    /// <summary>A name in quotes.</summary>
    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A text in quotes, whatever <c>standard_conforming_strings</c> is.</summary>
    internal static string Literal(string text) => $" E'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
