using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Plans.Syntax;
using DeployOps.Secrets;

namespace DeployOps.Plans.Binding;

/// <summary>Single values within a table: typed, in their range, resolved where a reference is allowed.</summary>
internal static class PlanSectionValues
{
    private const int LongestName = 64;

    // Both end in \z: a dollar sign would let a newline at the end through.
    private static readonly Regex SafeName = new(@"^[A-Za-z0-9][A-Za-z0-9._+-]*\z", RegexOptions.CultureInvariant);

    private static readonly Regex Span = new(@"^([0-9]{1,4}\.)?[0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?\z", RegexOptions.CultureInvariant);

    /// <summary>A text that stands in the plan itself. What names or decides something is approved as it is written, so it is no reference.</summary>
    public static string? Literal(this PlanSection section, string key, bool required = false)
    {
        var text = section.Text(key, required);
        if (text is not null && SecretReference.TryParse(text, section.Binding.Folder, out _))
        {
            section.Wrong(key, section.Node(key)!, "a reference is not allowed here: the approval covers this value, so it stands in the plan itself.");
            return null;
        }

        return text;
    }

    /// <summary>A text or what it refers to.</summary>
    public static string? Value(this PlanSection section, string key, bool required = false)
        => section.Text(key, required) is { } text ? section.Binding.Resolve(text, section.At(key), section.Full(key)) : null;

    /// <summary>What a reference yields; a secret does not stand in the plan itself.</summary>
    public static string? Secret(this PlanSection section, string key)
    {
        var text = section.Text(key, required: false);
        if (text is not null && !SecretReference.TryParse(text, section.Binding.Folder, out _))
        {
            // It is not quoted: it may be the secret.
            section.Report(key, "stands in the plan itself: expected a reference, such as 'env:NAME', 'file:PATH' or 'secret:NAME'.");
            return null;
        }

        return section.Value(key);
    }

    /// <summary>A name that is safe in paths, logs and addresses: letters, digits, <c>.</c>, <c>_</c>, <c>-</c>, at most 64, beginning with a letter or digit.</summary>
    /// <param name="section">The table.</param>
    /// <param name="key">The key.</param>
    /// <param name="plus">Whether <c>+</c> is allowed as well, which versions use before their build number.</param>
    public static string? SafeNameOf(this PlanSection section, string key, bool plus = false)
    {
        var text = section.Literal(key, required: true);
        if (text is null)
        {
            return null;
        }

        if (SafeName.IsMatch(text) && text.Length <= LongestName && !text.EndsWith('.') && (plus || !text.Contains('+', StringComparison.Ordinal)))
        {
            return text;
        }

        var signs = plus ? "'.', '_', '-', '+'" : "'.', '_', '-'";
        section.Wrong(key, section.Node(key)!, $"expected at most {LongestName} letters, digits, {signs}, beginning with a letter or digit.");
        return null;
    }

    /// <summary>A name that is only shown: any printable text of at most 64 characters.</summary>
    public static string? Title(this PlanSection section, string key, bool required = false)
    {
        var text = section.Literal(key, required);
        if (text is not null && (text.Length > LongestName || !PlanText.IsPrintable(text)))
        {
            section.Wrong(key, section.Node(key)!, $"expected at most {LongestName} printable characters.");
            return null;
        }

        return text;
    }

    /// <summary>One of the words of an enumeration, in any case.</summary>
    public static T? Choice<T>(this PlanSection section, string key, bool required, params IReadOnlyList<string> later)
        where T : struct, Enum
    {
        var word = section.Word(key, required, Enum.GetNames<T>(), later, anyOtherIsLater: false);
        return word is null ? null : Enum.Parse<T>(word);
    }

    /// <summary>A kind that decides which other keys belong to it; those of other kinds are reported.</summary>
    /// <param name="section">The table.</param>
    /// <param name="known">The kinds this version can open.</param>
    /// <param name="keys">The keys of each kind.</param>
    public static string? Kind(this PlanSection section, IReadOnlyList<string> known, IReadOnlyDictionary<string, string[]> keys)
    {
        var kind = section.Kind(known);
        if (kind is not null)
        {
            foreach (var key in keys.Values.SelectMany(names => names).Distinct().Except(keys[kind]).Where(section.Has))
            {
                section.Report(key, $"does not belong to Kind '{kind}', which knows {PlanText.Or(keys[kind])}.");
            }
        }

        return kind;
    }

    /// <summary>Some of the words of an enumeration, in any case, each once; a single one counts as a list of one.</summary>
    public static IReadOnlyList<T> Choices<T>(this PlanSection section, string key, IReadOnlyList<T> otherwise)
        where T : struct, Enum
    {
        var chosen = new List<T>();
        foreach (var (name, node) in section.Items(key, required: section.Has(key)))
        {
            var word = node is PlanScalar { Value: string text } ? Enum.GetNames<T>().FirstOrDefault(known => known.Equals(text, StringComparison.OrdinalIgnoreCase)) : null;
            if (word is not null)
            {
                chosen.Add(Enum.Parse<T>(word));
            }
            else if (node is not PlanRefused)
            {
                section.Binding.Report(node.Position, name, $"{PlanText.Show(node)}: expected {PlanText.Or(Enum.GetNames<T>())}.");
            }
        }

        return section.Has(key) ? [.. chosen.Distinct()] : otherwise;
    }

    /// <summary>The name or address of a machine, without scheme and port.</summary>
    public static string? HostName(this PlanSection section, string key)
    {
        var text = section.Value(key, required: true);
        if (text is null || Uri.CheckHostName(text) != UriHostNameType.Unknown)
        {
            return text;
        }

        section.Wrong(key, section.Node(key)!, "expected the name or address of a machine.");
        return null;
    }

    /// <summary>A mail address, such as <c>releases@example.org</c>.</summary>
    public static string? MailAddress(this PlanSection section, string key)
    {
        var text = section.Literal(key, required: true);
        if (text is null || IsMailAddress(text))
        {
            return text;
        }

        section.Wrong(key, section.Node(key)!, "expected a mail address, such as 'releases@example.org'.");
        return null;
    }

    /// <summary>At least one mail address; a single one counts as a list of one.</summary>
    public static IReadOnlyList<string> MailAddresses(this PlanSection section, string key)
    {
        var addresses = new List<string>();
        foreach (var (name, node) in section.Items(key, required: true))
        {
            if (node is PlanScalar { Value: string text } && IsMailAddress(text))
            {
                addresses.Add(text);
            }
            else if (node is not PlanRefused)
            {
                section.Binding.Report(node.Position, name, $"{PlanText.Show(node)}: expected a mail address, such as 'releases@example.org'.");
            }
        }

        return addresses;
    }

    // The framework's own reading: without a display name, so that nothing is sent to other than what is read here.
    private static bool IsMailAddress(string text) => System.Net.Mail.MailAddress.TryCreate(text, out var address) && address.Address == text;

    /// <summary>Names that are only compared and shown: any printable texts; a single one counts as a list of one.</summary>
    public static IReadOnlyList<string> Titles(this PlanSection section, string key)
    {
        var titles = new List<string>();
        foreach (var (name, node) in section.Items(key, required: false))
        {
            if (node is PlanScalar { Value: string { Length: > 0 and <= LongestName } text } && PlanText.IsPrintable(text))
            {
                titles.Add(text);
            }
            else if (node is not PlanRefused)
            {
                section.Binding.Report(node.Position, name, $"{PlanText.Show(node)}: expected a name of at most {LongestName} printable characters in quotes.");
            }
        }

        return titles;
    }

    /// <summary>A kind this version can open. Another is refused as not supported, unless it is nearly a known one.</summary>
    public static string? Kind(this PlanSection section, IReadOnlyList<string> known) => section.Word("Kind", required: true, known, [], anyOtherIsLater: true);

    /// <summary>Reads a time span written as <c>hh:mm:ss</c> or <c>d.hh:mm:ss</c>, with a fraction of the second where needed; no other form.</summary>
    public static bool TryReadSpan(string text, out TimeSpan span)
    {
        span = default;
        return Span.IsMatch(text) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out span);
    }

    /// <summary>A time span written as <c>hh:mm:ss</c> or <c>d.hh:mm:ss</c>, with a fraction of the second where needed.</summary>
    public static TimeSpan Duration(this PlanSection section, string key, TimeSpan otherwise, TimeSpan least, TimeSpan most)
    {
        var text = section.Value(key);
        if (text is null)
        {
            return otherwise;
        }

        if (!TryReadSpan(text, out var span))
        {
            section.Wrong(key, section.Node(key)!, "expected a time span as 'hh:mm:ss' or 'd.hh:mm:ss'.");
            return otherwise;
        }

        if (span < least || span > most)
        {
            section.Wrong(key, section.Node(key)!, $"expected {least:c} to {most:c}.");
            return otherwise;
        }

        return span;
    }

    /// <summary>A whole number within a range.</summary>
    public static int Count(this PlanSection section, string key, int otherwise, int least, int most)
    {
        var node = section.Node(key);
        if (node is null)
        {
            return otherwise;
        }

        if (node is PlanScalar { Value: long number } && number >= least && number <= most)
        {
            return (int)number;
        }

        section.Wrong(key, node, $"expected a whole number from {least} to {most}.");
        return otherwise;
    }

    /// <summary>A finite number that meets a condition.</summary>
    public static double? Number(this PlanSection section, string key, Func<double, bool> allowed, string expected)
    {
        var node = section.Node(key);
        double? number = node switch
        {
            PlanScalar { Value: long whole } => whole,
            PlanScalar { Value: double fraction } when double.IsFinite(fraction) => fraction,
            _ => null,
        };
        if (node is null || (number is { } value && allowed(value)))
        {
            return number;
        }

        section.Wrong(key, node, $"expected {expected}.");
        return null;
    }

    /// <summary>An absolute http or https address.</summary>
    public static Uri? Address(this PlanSection section, string key)
    {
        var text = section.Value(key, required: true);
        if (text is null)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Host.Length > 0)
        {
            section.Binding.RegisterSecrets(address, isReferred: section.Node(key) is PlanScalar { Value: string written } && written != text, section.At(key), section.Full(key));
            return address;
        }

        section.Wrong(key, section.Node(key)!, "expected an absolute address with http or https.");
        return null;
    }

    /// <summary>A path below an address, beginning with a slash.</summary>
    public static string AddressPath(this PlanSection section, string key, string otherwise)
    {
        var text = section.Value(key);
        if (text is null)
        {
            return otherwise;
        }

        if (text.StartsWith('/') && !text.StartsWith("//", StringComparison.Ordinal) && !text.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)))
        {
            return text;
        }

        section.Wrong(key, section.Node(key)!, "expected a path that begins with one '/' and has no spaces.");
        return otherwise;
    }

    private static string? Text(this PlanSection section, string key, bool required)
    {
        var node = section.Node(key, required);
        if (node is null)
        {
            return null;
        }

        if (node is PlanScalar { Value: string text })
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                return text;
            }

            section.Wrong(key, node, "expected a text that is not empty.");
            return null;
        }

        section.Wrong(key, node, "expected a text in quotes.");
        return null;
    }

    private static string? Word(this PlanSection section, string key, bool required, IReadOnlyList<string> known, IReadOnlyList<string> later, bool anyOtherIsLater)
    {
        var text = section.Literal(key, required);
        if (text is null)
        {
            return null;
        }

        var match = known.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (match is not null)
        {
            return match;
        }

        var node = section.Node(key)!;
        var nearest = NearestWord.Find(text, known);
        if (later.Contains(text, StringComparer.OrdinalIgnoreCase) || (anyOtherIsLater && nearest is null))
        {
            section.Binding.Report(node.Position, section.Full(key), $"{PlanText.Show(node)} {PlanBinding.NotSupported}, which knows {PlanText.Or(known)}.");
            return null;
        }

        section.Wrong(key, node, nearest is null ? $"expected {PlanText.Or(known)}." : $"expected {PlanText.Or(known)}. Did you mean '{nearest}'?");
        return null;
    }
}
