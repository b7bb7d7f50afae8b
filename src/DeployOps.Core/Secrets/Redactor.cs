using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeployOps.Secrets;

/// <summary>
/// Keeps secrets out of whatever is written: journal, logs, reports, notices, error texts. One instance is shared by all of them.
/// Safe for use by many threads; a secret counts from the moment <see cref="Register"/> returns.
/// </summary>
public sealed class Redactor
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    /// <summary>
    /// The fewest characters of a secret that can be kept out: 4. A shorter one occurs by chance in nearly every text, so
    /// masking it would say where it is and hide everything else.
    /// </summary>
    public const int ShortestSecret = 4;

    private readonly Lock gate = new();
    private readonly HashSet<string> forms = new(StringComparer.Ordinal);
    private volatile Known? known;

    /// <summary>Makes a secret known in all the forms it may be written in.</summary>
    /// <returns>False where it cannot be kept out: it is shorter than <see cref="ShortestSecret"/>, or a word that the log itself is made of.</returns>
    public bool Register(string? secret)
    {
        if (secret is null || !Hides(secret))
        {
            return false;
        }

        lock (gate)
        {
            var before = forms.Count;
            forms.UnionWith(SecretForms.Of(secret).Where(form => !LogWords.Hold(form)));
            if (forms.Count > before)
            {
                known = new Known(forms);
            }
        }

        return true;
    }

    /// <summary>Whether a secret could be kept out at all: it is long enough, and no word that the log itself is made of.</summary>
    internal static bool Hides(string secret) => secret.Trim().Length >= ShortestSecret && !LogWords.Hold(secret.Trim());

    /// <summary>The text with every known secret, and what looks like one, replaced by <see cref="Mask"/>; the same instance where there is none.</summary>
    public string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SensitivePatterns.Mask(known?.Replace(text) ?? text);
    }

    /// <summary>
    /// A copy with every string and every property's name redacted; numbers, booleans and nulls stay. Names that become the same
    /// are kept apart by a number. A SHA-256 stays unless it is a secret itself: where a short secret stands within one, it does so by chance.
    /// </summary>
    public JsonNode? RedactJson(JsonNode? node) => node switch
    {
        JsonObject table => RedactObject(table),
        JsonArray list => new JsonArray([.. list.Select(RedactJson)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => JsonValue.Create(RedactValue(Text(value))),
        _ => node?.DeepClone(),
    };

    private string RedactValue(string text) => Redact(text) is var clean && clean != Mask && IsHash(text) ? text : clean;

    private static bool IsHash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private static string Text(JsonValue value)
        => value.TryGetValue<string>(out var text) ? text : JsonSerializer.Deserialize<string>(value.ToJsonString())!;

    private JsonObject RedactObject(JsonObject table)
    {
        var copy = new JsonObject();
        foreach (var (name, value) in table)
        {
            var shown = Redact(name);
            var unique = shown;
            for (var number = 2; copy.ContainsKey(unique); number++)
            {
                unique = $"{shown} {number}";
            }

            var hidden = SensitivePatterns.IsSensitiveName(name) && value?.GetValueKind() == JsonValueKind.String;
            copy.Add(unique, hidden ? JsonValue.Create(Mask) : RedactJson(value));
        }

        return copy;
    }

    /// <summary>The forms known at one moment, ready to be looked for; never changed.</summary>
    private sealed class Known
    {
        private readonly SearchValues<string> any;
        private readonly Dictionary<char, string[]> byFirst;

        public Known(IReadOnlyCollection<string> forms)
        {
            any = SearchValues.Create([.. forms], StringComparison.Ordinal);
            byFirst = forms.GroupBy(form => form[0]).ToDictionary(group => group.Key, group => group.OrderByDescending(form => form.Length).ToArray());
        }

        /// <summary>Masks the union of all occurrences, so that no rest of a secret is left where two overlap.</summary>
        public string Replace(string text)
        {
            var start = Next(text, 0);
            if (start < 0)
            {
                return text;
            }

            var result = new StringBuilder(text.Length);
            var written = 0;
            while (start >= 0)
            {
                var end = start + LongestAt(text, start);
                var next = Next(text, start + 1);
                while (next >= 0 && next < end)
                {
                    end = Math.Max(end, next + LongestAt(text, next));
                    next = Next(text, next + 1);
                }

                result.Append(text, written, start - written).Append(Mask);
                written = end;
                start = next;
            }

            return result.Append(text, written, text.Length - written).ToString();
        }

        private int Next(string text, int from)
        {
            var found = text.AsSpan(from).IndexOfAny(any);
            return found < 0 ? -1 : from + found;
        }

        private int LongestAt(string text, int position)
            => Array.Find(byFirst[text[position]], form => string.CompareOrdinal(text, position, form, 0, form.Length) == 0)!.Length;
    }
}
