using System.Text.RegularExpressions;

namespace DeployOps.Smoke;

/// <summary>
/// The regular expressions of smoke files: without backtracking, so that neither a pattern nor an answer can hold up a
/// deployment.
/// </summary>
internal static class SmokePattern
{
    /// <summary>The longest pattern taken, in characters.</summary>
    public const int Longest = 1000;

    /// <summary>A limit beside the linear run time: large counted repeats multiply it.</summary>
    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(5);

    /// <summary>Makes a pattern.</summary>
    /// <exception cref="ArgumentException">It is not well formed, or too long.</exception>
    /// <exception cref="NotSupportedException">It needs backtracking: look-around, back-references, atomic groups.</exception>
    public static Regex Compile(string pattern) => pattern.Length <= Longest
        ? new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchTime)
        : throw new ArgumentException($"the pattern is longer than {Longest} characters", nameof(pattern));
}
