using System.Globalization;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Names, texts and lengths of time as MariaDB writes them.</summary>
internal static class MariaDbNames
{
    /// <summary>A name in backticks.</summary>
    internal static string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    /// <summary>Two names with a point between them.</summary>
    internal static string Quote(string database, string name) => $"{Quote(database)}.{Quote(name)}";

    /// <summary>A length of time as a setting of whole seconds, 1 at least: 0 would be none at all.</summary>
    internal static string Seconds(TimeSpan time) => Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, 31_536_000).ToString("0", CultureInfo.InvariantCulture);
}
