using System.Text.RegularExpressions;

namespace DeployOps.Migrations.Sql;

/// <summary>A line comment <c>-- deployops: …</c>: what the author of a script tells the tool.</summary>
/// <param name="Text">What follows the colon, without blanks around it.</param>
/// <param name="Line">The line it stands on, from 1.</param>
public sealed record SqlDirective(string Text, int Line)
{
    private const string Sign = "deployops:";

    private static readonly char[] Blanks = [' ', '\t'];
    private static readonly Regex ReasonForm = new("\\breason\\s*=\\s*\"(?<words>[^\"]*)\"", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    /// <summary>Its first word, in lower case: <c>allow</c>, <c>destructive</c>, <c>transaction</c>.</summary>
    public string Name => Text[..NameLength].ToLowerInvariant();

    /// <summary>The word behind the name, with or without an equals sign between: <c>LCK002</c>, <c>none</c>; empty where there is none.</summary>
    public string Value => Text[NameLength..].TrimStart('=', ' ', '\t').Split(Blanks, 2)[0];

    /// <summary>What <c>reason="…"</c> says; null where it is missing or empty.</summary>
    public string? Reason => ReasonForm.Match(Text) is { Success: true } form && !string.IsNullOrWhiteSpace(form.Groups["words"].Value) ? form.Groups["words"].Value.Trim() : null;

    private int NameLength => Text.AsSpan().IndexOfAny('=', ' ', '\t') is >= 0 and var end ? end : Text.Length;

    /// <summary>The directive in a comment; null where it is a remark.</summary>
    internal static SqlDirective? TryRead(ReadOnlySpan<char> comment, int line)
    {
        var words = comment.TrimStart("-#").TrimStart();
        return words.StartsWith(Sign, StringComparison.OrdinalIgnoreCase) ? new SqlDirective(words[Sign.Length..].Trim().ToString(), line) : null;
    }
}
