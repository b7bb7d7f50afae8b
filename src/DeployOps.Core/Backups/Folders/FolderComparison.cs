using DeployOps.Gates;

namespace DeployOps.Backups.Folders;

/// <summary>Compares what two copies of a folder hold.</summary>
internal static class FolderComparison
{
    private const int Shown = 5;

    /// <summary>Passes where names, kinds, contents, modes and links are the same, and owners where they count; a failure names the first that differ.</summary>
    /// <param name="name">What is compared, for the gate.</param>
    /// <param name="expected">The original.</param>
    /// <param name="actual">The copy.</param>
    /// <param name="withOwner">Whether owners count: only who may give files away can restore them.</param>
    internal static GateResult Compare(string name, IReadOnlyList<FolderEntry> expected, IReadOnlyList<FolderEntry> actual, bool withOwner)
    {
        var found = actual.ToDictionary(entry => entry.Path, StringComparer.Ordinal);
        var wanted = expected.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal);
        var differences = expected.Select(entry => found.TryGetValue(entry.Path, out var other) ? entry.Difference(other, withOwner) : $"{entry.Path} is missing")
            .Concat(actual.Where(entry => !wanted.Contains(entry.Path)).Select(entry => $"{entry.Path} is not expected"))
            .OfType<string>()
            .ToList();
        var more = differences.Count > Shown ? $", and {differences.Count - Shown} more" : "";

        return differences.Count == 0
            ? GateResult.Pass(name, $"{expected.Count} names are the same")
            : GateResult.Fail(name, string.Join(", ", differences.Take(Shown)) + more);
    }
}
