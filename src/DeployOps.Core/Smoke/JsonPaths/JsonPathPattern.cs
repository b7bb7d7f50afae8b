using System.Text;
using System.Text.RegularExpressions;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>The patterns of match() and search() (RFC 9485), carried over to .NET's.</summary>
internal static class JsonPathPattern
{
    private const string AnyCharacter = @"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^\n\r])";

    /// <summary>Makes a pattern, or null where it is none: such a pattern matches nothing (RFC 9535, 2.4.6).</summary>
    public static Regex? Compile(string pattern)
    {
        try
        {
            return SmokePattern.Compile(pattern);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>A dot in .NET leaves out LF only and takes half of a surrogate pair; here it leaves out CR too and takes both halves.</summary>
    public static string ToRegex(string pattern)
    {
        var result = new StringBuilder(pattern.Length);
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                result.Append(c).Append(pattern[++i]);
                continue;
            }

            inClass = c == '[' || (inClass && c != ']');
            result.Append(c == '.' && !inClass ? AnyCharacter : c.ToString());
        }

        return result.ToString();
    }
}
