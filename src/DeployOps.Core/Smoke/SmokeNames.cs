namespace DeployOps.Smoke;

/// <summary>Finds the name that was probably meant.</summary>
internal static class SmokeNames
{
    /// <summary>The known name with the fewest letters to change, case left aside; null where even that is more than half of it.</summary>
    public static string? Nearest(string name, IEnumerable<string> known) => known
        .Select(candidate => (candidate, distance: Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
        .Where(pair => pair.distance * 2 <= Math.Max(name.Length, pair.candidate.Length))
        .OrderBy(static pair => pair.distance)
        .ThenBy(static pair => pair.candidate, StringComparer.Ordinal)
        .Select(static pair => pair.candidate)
        .FirstOrDefault();

    /// <summary>Levenshtein's distance.</summary>
    private static int Distance(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
