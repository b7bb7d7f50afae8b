using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace DeployOps.Smoke.Running;

/// <summary>What one run of a file leaves to be looked at: a line for each exchange, and the last one in full where it failed.</summary>
internal sealed class SmokeEvidence(SmokeSecrets secrets)
{
    /// <summary>The most that is kept, in bytes of UTF-8: 64 KiB.</summary>
    public const int Longest = 64 * 1024;

    private const string CutNote = "\n... cut at 64 KiB\n";

    /// <summary>Headers whose values are credentials, by a part of their name.</summary>
    private static readonly string[] Confidential = ["authorization", "cookie", "token", "secret", "api-key", "apikey"];

    private readonly StringBuilder lines = new();
    private string request = "";
    private string title = "";
    private SmokeAnswer? answer;
    private bool failed;

    /// <summary>A message goes out.</summary>
    public void Sending(HttpRequestMessage message)
    {
        title = $"{message.Method} {message.RequestUri!.AbsoluteUri}";
        request = Write(Flatten(message.Headers).Concat(message.Content is null ? [] : Flatten(message.Content.Headers)), "> ");
        answer = null;
    }

    /// <summary>Its answer came.</summary>
    public void Received(SmokeAnswer received)
    {
        answer = received;
        AppendLine($"{title} -> {received.Status} in {received.Duration.TotalMilliseconds:0} ms");
    }

    /// <summary>A try failed.</summary>
    /// <param name="line">The line that failed.</param>
    /// <param name="message">Why.</param>
    public void Failed(int line, string message)
    {
        if (answer is null && title.Length > 0)
        {
            AppendLine($"{title} -> no answer");
        }

        failed = true;
        AppendLine($"  line {line}: {message}");
    }

    /// <summary>A try passed.</summary>
    public void Passed() => failed = false;

    /// <summary>All of it, redacted and cut.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(lines.ToString());
        if (failed && title.Length > 0)
        {
            text.Append('\n').Append(CultureInfo.InvariantCulture, $"> {title}\n{request}");
            if (answer is not null)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n< {answer.Status}\n{Write(answer.Headers, "< ")}\n{answer.Readable()}\n");
            }
        }

        return Cut(SmokeText.Printable(secrets.Redact(text.ToString()), keepLines: true));
    }

    private void AppendLine(string line)
    {
        // A file with many retries must not pile up lines that are cut in the end.
        if (lines.Length < Longest)
        {
            lines.Append(line).Append('\n');
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Flatten(HttpHeaders headers) =>
        headers.NonValidated.SelectMany(static header => header.Value.Select(value => KeyValuePair.Create(header.Key, value)));

    private static string Write(IEnumerable<KeyValuePair<string, string>> headers, string prefix) =>
        string.Concat(headers.Select(header => $"{prefix}{header.Key}: {(IsConfidential(header.Key) ? "***" : header.Value)}\n"));

    /// <summary>Whether a header of this name holds a credential.</summary>
    internal static bool IsConfidential(string name) => Confidential.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    private static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= Longest)
        {
            return text;
        }

        var bytes = Encoding.UTF8.GetBytes(text).AsSpan(0, Longest - CutNote.Length);
        while (bytes.Length > 0 && (bytes[^1] & 0xC0) == 0x80)
        {
            bytes = bytes[..^1];
        }

        // The lead byte of the character that was cut through goes as well.
        return Encoding.UTF8.GetString(bytes[..^1]) + CutNote;
    }
}
