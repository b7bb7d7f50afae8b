using System.Globalization;

namespace DeployOps.Adapters.Watching;

/// <summary>Names who is connected to a database: the first ones, and how many more there are.</summary>
internal static class NamedUsers
{
    private const int Most = 5;

    /// <summary>Those that are named.</summary>
    /// <param name="all">All of them, each once.</param>
    internal static IReadOnlyList<string> Of(IReadOnlyList<string> all) => all.Count <= Most ? all : [.. all.Take(Most), string.Create(CultureInfo.InvariantCulture, $"{all.Count - Most} more")];
}
