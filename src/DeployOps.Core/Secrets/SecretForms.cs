using System.Globalization;
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

    /// <summary>
    /// What stays as it is in an address besides letters and digits, by who wrote it: RFC 3986 and .NET, encodeURIComponent of JavaScript, forms and Java,
    /// WebUtility, quote of Python, and what stands in an address as a whole, where only what no address may hold is escaped.
    /// </summary>
    private static readonly string[] UnescapedInUrls = ["-_.~", "-_.~!'()*", "-_.*", "-_.!()*", "-_.~/", "-_.~!'()*/:?#[]@&=+$,;"];

    /// <summary>What is escaped in JSON besides quotes, backslashes and control characters: nothing, Go's and Newtonsoft's for HTML, and .NET's.</summary>
    private static readonly string[] EscapedInJson = ["", "<>&", "<>&'", "<>&'+`"];

    private static readonly string[] HtmlQuotes = ["\"", "&quot;", "&#34;"];

    private static readonly string[] HtmlApostrophes = ["'", "&#39;", "&#039;", "&#x27;", "&apos;"];

    /// <summary>Every form of a secret: as it is, in base64 at each alignment, escaped for URLs, JSON and HTML as the usual writers of each do it.</summary>
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

    private static IEnumerable<string> Encoded(string secret) => [secret, .. Base64(Encoding.UTF8.GetBytes(secret)), .. Url(secret), .. Json(secret), .. Html(secret)];

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
            foreach (var form in (string[])[text[first..end], text[first..]])
            {
                yield return form;
                yield return form.Replace('+', '-').Replace('/', '_');
            }
        }
    }

    private static IEnumerable<string> Url(string secret)
    {
        foreach (var unescaped in UnescapedInUrls)
        {
            var escaped = string.Concat(Encoding.UTF8.GetBytes(secret).Select(one => char.IsAsciiLetterOrDigit((char)one) || (one < 128 && unescaped.Contains((char)one, StringComparison.Ordinal))
                ? ((char)one).ToString()
                : $"%{one:X2}"));
            foreach (var form in (string[])[escaped, escaped.Replace("%20", "+", StringComparison.Ordinal)])
            {
                yield return form;
                yield return Regex.Replace(form, "%[0-9A-F]{2}", match => match.Value.ToLowerInvariant(), RegexOptions.CultureInvariant);
            }
        }
    }

    private static IEnumerable<string> Json(string secret)
    {
        yield return JavaScriptEncoder.Default.Encode(secret);
        yield return JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(secret);
        foreach (var escaped in EscapedInJson)
        {
            foreach (var ascii in (bool[])[false, true])
            {
                foreach (var format in (string[])["X4", "x4"])
                {
                    var text = string.Concat(secret.Select(one => InJson(one, escaped, ascii, format)));
                    foreach (var form in (string[])[text, text.Replace("\\\"", "\\u0022", StringComparison.Ordinal)])
                    {
                        yield return form;
                        yield return form.Replace("/", "\\/", StringComparison.Ordinal);
                    }
                }
            }
        }
    }

    private static string InJson(char one, string escaped, bool ascii, string format) => one switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        _ when one < ' ' || (ascii && one > '~') || escaped.Contains(one, StringComparison.Ordinal) => "\\u" + ((int)one).ToString(format, CultureInfo.InvariantCulture),
        _ => one.ToString(),
    };

    private static IEnumerable<string> Html(string secret)
    {
        yield return WebUtility.HtmlEncode(secret);
        yield return HtmlEncoder.Default.Encode(secret);
        var text = secret.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
        foreach (var form in (string[])[text, text.Replace(">", "&gt;", StringComparison.Ordinal)])
        {
            foreach (var quote in HtmlQuotes)
            {
                foreach (var apostrophe in HtmlApostrophes)
                {
                    yield return form.Replace("\"", quote, StringComparison.Ordinal).Replace("'", apostrophe, StringComparison.Ordinal);
                }
            }
        }
    }
}
