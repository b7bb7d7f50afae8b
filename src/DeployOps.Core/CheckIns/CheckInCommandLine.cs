namespace DeployOps.CheckIns;

/// <summary>The command of one check-in: a program, its arguments, and the environment it needs.</summary>
/// <param name="Words">The program's full path, then its arguments.</param>
/// <param name="Environment">Variables by name.</param>
public sealed record CheckInCommandLine(IReadOnlyList<string> Words, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>It as a POSIX shell takes it, every word quoted.</summary>
    public string ToShell() => string.Join(' ', [.. Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={Quoted(pair.Value)}"), .. Words.Select(Quoted)]);

    private static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
