using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;

namespace DeployOps.Secrets;

/// <summary>The shapes a secret takes on its way into logs, bodies and reports.</summary>
internal static class SecretForms
{
    /// <summary>Lines of a longer secret that are kept apart, since logs are written by the line; shorter ones are common words.</summary>
    private const int ShortestLine = 8;

    /// <summary>Every form of a secret: as it is, in base64 at each alignment, escaped for URLs, JSON and HTML.</summary>
    public static IEnumerable<string> Of(string secret)
        => Spellings(secret).SelectMany(Encoded).Where(form => form.Length >= Redactor.ShortestSecret).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Spellings(string secret)
    {
        yield return secret;
        yield return secret.Trim();
        if (!secret.Contains('\n', StringComparison.Ordinal))
        {
            yield break;
        }

        var unix = secret.ReplaceLineEndings("\n");
        yield return unix;
        yield return unix.ReplaceLineEndings("\r\n");
        foreach (var line in unix.Split('\n'))
        {
            if (line.Trim().Length >= ShortestLine)
            {
                yield return line.Trim();
            }
        }
    }

    private static IEnumerable<string> Encoded(string secret)
    {
        yield return secret;
        foreach (var base64 in Base64(Encoding.UTF8.GetBytes(secret)))
        {
            yield return base64;
            yield return base64.Replace('+', '-').Replace('/', '_');
        }

        var escaped = Uri.EscapeDataString(secret);
        var form = WebUtility.UrlEncode(secret);
        yield return escaped;
        yield return LowerHex(escaped);
        yield return form;
        yield return LowerHex(form);

        var json = JavaScriptEncoder.Default.Encode(secret);
        yield return json;
        yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        yield return json.Replace("\\u0022", "\\\"", StringComparison.Ordinal);
        yield return WebUtility.HtmlEncode(secret);
        yield return HtmlEncoder.Default.Encode(secret);
    }

    /// <summary>
    /// Base64 of bytes that begin at each of the three places within a group of three: without the characters that neighbours
    /// decide as well, and, for a secret at the very end, with the padding.
    /// </summary>
    private static IEnumerable<string> Base64(byte[] secret)
    {
        for (var offset = 0; offset < 3; offset++)
        {
            var bytes = new byte[offset + secret.Length];
            secret.CopyTo(bytes, offset);
            var text = Convert.ToBase64String(bytes);
            var first = offset == 0 ? 0 : offset + 1;
            var end = bytes.Length * 8 / 6;
            yield return text[first..end];
            yield return text[first..];
        }
    }

    private static string LowerHex(string escaped)
        => Regex.Replace(escaped, "%[0-9A-F]{2}", match => match.Value.ToLowerInvariant(), RegexOptions.CultureInvariant);
}
