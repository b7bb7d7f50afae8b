using System.Buffers;
using System.Text.RegularExpressions;

namespace DeployOps.Secrets;

/// <summary>What looks like a secret though nobody registered it: credentials in headers, connection strings, URLs, and private keys.</summary>
internal static class SensitivePatterns
{
    // Without backtracking the time is linear in the text, whatever a server answered.
    private const RegexOptions Linear =
        RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture;

    // One look for a marker spares nearly every text the patterns.
    private static readonly SearchValues<string> Markers =
        SearchValues.Create(["authorization", "cookie", "password", "pwd", "://", "private key"], StringComparison.OrdinalIgnoreCase);

    private static readonly (Regex Pattern, string Replacement)[] Patterns =
    [
        (new(@"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(.|\n)*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|\z)", Linear), Redactor.Mask),
        (new(@"(?<keep>\b(authorization|(set-)?cookie)\\?[""']?[ \t]*:[ \t]*\\?[""']?)[^\r\n""'\\]+", Linear), "${keep}" + Redactor.Mask),
        (new(@"(?<keep>\b(password|pwd)\\""[ \t]*:[ \t]*\\"")[^""]*?(?<end>\\"")", Linear), "${keep}" + Redactor.Mask + "${end}"),
        (new(@"(?<keep>\b(password|pwd)""[ \t]*:[ \t]*"")([^""\\]|\\.)*(?<end>"")", Linear), "${keep}" + Redactor.Mask + "${end}"),
        (new(@"(?<keep>\b(password|pwd)'[ \t]*:[ \t]*')[^']*(?<end>')", Linear), "${keep}" + Redactor.Mask + "${end}"),
        (new(@"(?<keep>\b(password|pwd)[ \t]*=[ \t]*)(\\?""[^""]*""|'[^']*'|[^;\r\n""']+)", Linear), "${keep}" + Redactor.Mask),
        (new(@"(?<keep>\b[a-z][a-z0-9+.-]*://[^\s/:@""'<>]*:)[^\s/""'<>]+@", Linear), "${keep}" + Redactor.Mask + "@"),
    ];

    /// <summary>The text with what looks like a secret masked; the same instance where nothing does.</summary>
    public static string Mask(string text)
    {
        if (!text.AsSpan().ContainsAny(Markers))
        {
            return text;
        }

        foreach (var (pattern, replacement) in Patterns)
        {
            text = pattern.Replace(text, replacement);
        }

        return text;
    }

    /// <summary>Whether a property of this name holds a credential.</summary>
    public static bool IsSensitiveName(string name)
        => name.Equals("password", StringComparison.OrdinalIgnoreCase)
        || name.Equals("pwd", StringComparison.OrdinalIgnoreCase)
        || name.Equals("authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("proxy-authorization", StringComparison.OrdinalIgnoreCase)
        || name.Equals("cookie", StringComparison.OrdinalIgnoreCase)
        || name.Equals("set-cookie", StringComparison.OrdinalIgnoreCase);
}
