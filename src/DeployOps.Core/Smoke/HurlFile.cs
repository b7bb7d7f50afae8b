using System.Collections.Immutable;
using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke;

/// <summary>
/// A smoke test: requests that are sent one after the other and what their answers must be, written in a strict
/// subset of the Hurl format. What the subset does not know is refused when the file is read.
/// </summary>
public sealed class HurlFile
{
    /// <summary>The longest file that is read, in characters: 1 Mi.</summary>
    public const int LongestText = 1024 * 1024;

    private HurlFile(string path, ImmutableArray<HurlEntry> entries)
    {
        Path = path;
        Entries = entries;
    }

    /// <summary>Where the file was read from, as given.</summary>
    public string Path { get; }

    /// <summary>The name of the check: the file's name without its extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>How many requests the file has, retries and redirects not counted.</summary>
    public int Requests => Entries.Length;

    /// <summary>The requests with what is expected of them, in order.</summary>
    internal ImmutableArray<HurlEntry> Entries { get; }

    /// <summary>The credentials that stand in it literally.</summary>
    internal IEnumerable<string> Credentials => Entries.SelectMany(static entry => SmokeCredentials.Of(entry.Request)).Distinct(StringComparer.Ordinal);

    /// <summary>Reads a smoke file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="path">Where it comes from; named in every message.</param>
    /// <exception cref="HurlSyntaxException">It has mistakes, or uses what the subset does not know. All of them are told at once.</exception>
    public static HurlFile Parse(string text, string path)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (text.Length > LongestText)
        {
            throw new HurlSyntaxException(path, [new(1, 1, $"the file has {text.Length:N0} characters; at most {LongestText:N0} are read")]);
        }

        var parser = new HurlParser(text);
        var entries = parser.Parse();
        return parser.Errors.Count == 0 ? new HurlFile(path, entries) : throw new HurlSyntaxException(path, parser.Errors);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Requests} requests";
}
