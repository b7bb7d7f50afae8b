using System.Text;
using System.Text.Json;

namespace DeployOps.Smoke.Running;

/// <summary>What came back for a request.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Url">The address it came from, after redirects.</param>
/// <param name="Headers">Its headers, one for each line.</param>
/// <param name="Body">Its body, at most <see cref="SmokeClient.LongestBody"/> bytes of it.</param>
/// <param name="IsCut">The body was longer.</param>
/// <param name="Duration">From sending the last request to the end of the body.</param>
internal sealed record SmokeAnswer(int Status, Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, bool IsCut, TimeSpan Duration)
{
    private string? text;
    private JsonElement? json;

    /// <summary>The values of a header, in order.</summary>
    public IReadOnlyList<string> Values(string name) =>
        [.. Headers.Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value)];

    /// <summary>The body as text, after the answer's charset; UTF-8 where it names none.</summary>
    /// <exception cref="SmokeFault">The body was cut, or its charset is not known.</exception>
    public string Text()
    {
        RequireWhole();
        return text ??= Encoding().GetString(Body).TrimStart('\uFEFF');
    }

    /// <summary>The body as JSON.</summary>
    /// <exception cref="SmokeFault">It is not JSON, or was cut.</exception>
    public JsonElement Json()
    {
        if (json is { } known)
        {
            return known;
        }

        try
        {
            using var document = JsonDocument.Parse(Text());
            json = document.RootElement.Clone();
            return json.Value;
        }
        catch (JsonException fault)
        {
            throw new SmokeFault(SmokeOutcome.Failed, $"the body is not JSON (line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}); its type is {string.Join(", ", Values("Content-Type").DefaultIfEmpty("not given"))}");
        }
    }

    /// <summary>The body as text for a person, whatever it is.</summary>
    public string Readable()
    {
        try
        {
            return Encoding().GetString(Body);
        }
        catch (SmokeFault)
        {
            return System.Text.Encoding.UTF8.GetString(Body);
        }
    }

    private void RequireWhole()
    {
        if (IsCut)
        {
            throw new SmokeFault(SmokeOutcome.Failed, $"the body is longer than {SmokeClient.LongestBody:N0} bytes and was not read to its end");
        }
    }

    private Encoding Encoding()
    {
        var charset = Values("Content-Type")
            .SelectMany(static value => value.Split(';').Skip(1))
            .Select(static parameter => parameter.Trim())
            .FirstOrDefault(static parameter => parameter.StartsWith("charset=", StringComparison.OrdinalIgnoreCase))?["charset=".Length..].Trim('"');
        try
        {
            return System.Text.Encoding.GetEncoding(charset ?? "utf-8");
        }
        catch (ArgumentException)
        {
            throw new SmokeFault(SmokeOutcome.Failed, $"the body's charset {SmokeValue.Of(charset!)} is not known");
        }
    }
}
