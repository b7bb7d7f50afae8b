namespace DeployOps.Adapters.Sqlite;

/// <summary>Names as SQL needs them.</summary>
internal static class SqliteNames
{
    /// <summary>A name in double quotes, those within doubled.</summary>
    internal static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
