using System.Globalization;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Names, texts and lengths of time as MariaDB writes them.</summary>
internal static class MariaDbNames
{
    /// <summary>A name in backticks.</summary>
    internal static string Quote(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    /// <summary>Two names with a point between them.</summary>
    internal static string Quote(string database, string name) => $"{Quote(database)}.{Quote(name)}";

    /// <summary>A text between quotes, of a session in which backslashes escape.</summary>
    internal static string Text(string value) => $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A table's name as a script writes it, without its quotes, and the database before it where it has one.</summary>
    internal static (string? Database, string Name) Read(string written)
    {
        var parts = new List<string> { "" };
        for (var (i, quote) = (0, '\0'); i < written.Length; i++)
        {
            var letter = written[i];
            if (quote == '\0' && letter == '.')
            {
                parts.Add("");
            }
            else if (letter is '`' or '"' && (quote == '\0' || quote == letter))
            {
                var isDoubled = quote != '\0' && i + 1 < written.Length && written[i + 1] == letter;
                parts[^1] += isDoubled ? letter.ToString() : "";
                i += isDoubled ? 1 : 0;
                quote = isDoubled ? quote : quote == '\0' ? letter : '\0';
            }
            else
            {
                parts[^1] += letter;
            }
        }

        return (parts.Count > 1 ? parts[^2] : null, parts[^1]);
    }

    /// <summary>A length of time as a setting of whole seconds, 1 at least: 0 would be none at all.</summary>
    internal static string Seconds(TimeSpan time) => Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, 31_536_000).ToString("0", CultureInfo.InvariantCulture);
}
