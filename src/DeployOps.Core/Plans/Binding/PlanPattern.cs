namespace DeployOps.Plans.Binding;

/// <summary>Expands a path with wildcards in any of its segments.</summary>
internal static class PlanPattern
{
    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    private static readonly EnumerationOptions OneLevel = new() { RecurseSubdirectories = false, MatchType = MatchType.Simple, IgnoreInaccessible = false };

    private static bool HasWildcard(string path) => path.AsSpan().ContainsAny('*', '?');

    /// <summary>The files on the disk that a pattern means, looked up from a folder in whose own name nothing is a wildcard.</summary>
    internal static IReadOnlyList<string> Expand(string start, string pattern)
    {
        var segments = pattern[start.Length..].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length == 0)
        {
            return [];
        }

        IEnumerable<string> folders = [start];
        foreach (var segment in segments[..^1])
        {
            folders = HasWildcard(segment)
                ? [.. folders.SelectMany(folder => Directory.EnumerateDirectories(folder, segment, OneLevel))]
                : [.. folders.Select(folder => Path.Combine(folder, segment)).Where(Directory.Exists)];
        }

        return [.. folders.SelectMany(folder => HasWildcard(segments[^1])
            ? Directory.EnumerateFiles(folder, segments[^1], OneLevel)
            : new[] { Path.Combine(folder, segments[^1]) }.Where(File.Exists))];
    }
}
