using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace DeployOps.Smoke.Running;

/// <summary>A value with its type: what a query yields, a variable holds, an assert compares with.</summary>
internal sealed class SmokeValue
{
    /// <summary>The longest text shown in a message, in characters.</summary>
    private const int LongestShown = 200;

    private readonly object? raw;

    private SmokeValue(SmokeValueKind kind, object? raw)
    {
        Kind = kind;
        this.raw = raw;
    }

    /// <summary>Nothing was there.</summary>
    public static SmokeValue Missing { get; } = new(SmokeValueKind.Missing, null);

    /// <summary>JSON's null.</summary>
    public static SmokeValue Null { get; } = new(SmokeValueKind.Null, null);

    /// <summary>Its type.</summary>
    public SmokeValueKind Kind { get; }

    /// <summary>How many nodes a path picked that may pick several, before one node became a scalar; otherwise null.</summary>
    public int? Nodes { get; private init; }

    /// <summary>The text of a <see cref="SmokeValueKind.Text"/>.</summary>
    public string AsText => (string)raw!;

    /// <summary>The values of a <see cref="SmokeValueKind.List"/>.</summary>
    public ImmutableArray<SmokeValue> AsList => (ImmutableArray<SmokeValue>)raw!;

    /// <summary>A text.</summary>
    public static SmokeValue Of(string text) => new(SmokeValueKind.Text, text);

    /// <summary>True or false.</summary>
    public static SmokeValue Of(bool value) => new(SmokeValueKind.Boolean, value);

    /// <summary>A number.</summary>
    public static SmokeValue Of(long value) => new(SmokeValueKind.Number, (decimal)value);

    /// <summary>Several values.</summary>
    public static SmokeValue Of(IEnumerable<SmokeValue> values) => new(SmokeValueKind.List, values.ToImmutableArray());

    /// <summary>A number as JSON writes it: exact where a decimal holds it, else the nearest double.</summary>
    public static SmokeValue OfNumber(string number) =>
        !number.AsSpan().ContainsAny('e', 'E') && decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact)
            ? new(SmokeValueKind.Number, exact)
            : new(SmokeValueKind.Number, double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture));

    /// <summary>A JSON value.</summary>
    public static SmokeValue Of(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => Null,
        JsonValueKind.True => Of(true),
        JsonValueKind.False => Of(false),
        JsonValueKind.Number => OfNumber(element.GetRawText()),
        JsonValueKind.String => Of(element.GetString()!),
        JsonValueKind.Array => Of(element.EnumerateArray().Select(Of)),
        _ => new(SmokeValueKind.Object, element),
    };

    /// <summary>
    /// What a path picked: nothing is missing, one node is that value, several are a list. Where the path may pick
    /// several, their number is kept for <c>count</c> and <c>isEmpty</c>.
    /// </summary>
    public static SmokeValue OfNodes(IReadOnlyList<JsonElement> nodes, bool singular)
    {
        var value = nodes.Count switch
        {
            0 => Missing,
            1 => Of(nodes[0]),
            _ => Of(nodes.Select(Of)),
        };
        return singular ? value : new SmokeValue(value.Kind, value.raw) { Nodes = nodes.Count };
    }

    /// <summary>Compares two numbers or two texts (ordinally); null where the types differ or have no order.</summary>
    public int? CompareTo(SmokeValue other) => (Kind, other.Kind) switch
    {
        (SmokeValueKind.Number, SmokeValueKind.Number) => raw is decimal left && other.raw is decimal right
            ? left.CompareTo(right)
            : Convert.ToDouble(raw, CultureInfo.InvariantCulture).CompareTo(Convert.ToDouble(other.raw, CultureInfo.InvariantCulture)),
        (SmokeValueKind.Text, SmokeValueKind.Text) => string.CompareOrdinal(AsText, other.AsText),
        _ => null,
    };

    /// <summary>Same type, same value.</summary>
    public bool IsEqualTo(SmokeValue other) => Kind == other.Kind && Kind switch
    {
        SmokeValueKind.Number or SmokeValueKind.Text => CompareTo(other) == 0,
        SmokeValueKind.Boolean => (bool)raw! == (bool)other.raw!,
        SmokeValueKind.List => AsList.Length == other.AsList.Length && AsList.Zip(other.AsList).All(static pair => pair.First.IsEqualTo(pair.Second)),
        SmokeValueKind.Object => JsonElement.DeepEquals((JsonElement)raw!, (JsonElement)other.raw!),
        _ => true,
    };

    /// <summary>How many it has: of a list, an object's members, a text's characters, the nodes of a path; null for what has no size.</summary>
    public int? Size => Nodes ?? Kind switch
    {
        SmokeValueKind.List => AsList.Length,
        SmokeValueKind.Object => ((JsonElement)raw!).GetPropertyCount(),
        SmokeValueKind.Text => AsText.Length,
        _ => null,
    };

    /// <summary>The value as it is put into a URL, a header or a body; null for what is no single value.</summary>
    public string? Render() => Kind switch
    {
        SmokeValueKind.Text => AsText,
        SmokeValueKind.Boolean => (bool)raw! ? "true" : "false",
        SmokeValueKind.Number => Convert.ToString(raw, CultureInfo.InvariantCulture),
        SmokeValueKind.Null => "null",
        _ => null,
    };

    /// <summary>The number without its fraction; null where it is no number, or none that a long holds.</summary>
    public long? Truncated() => raw switch
    {
        decimal exact when decimal.Truncate(exact) is var whole && whole is >= long.MinValue and <= long.MaxValue => (long)whole,
        double near when Math.Abs(near) < long.MaxValue => (long)near,
        _ => null,
    };

    /// <summary>The value as a message shows it: texts quoted, long ones cut, control characters escaped.</summary>
    /// <param name="redact">Takes secrets out before anything is cut.</param>
    public string Show(Func<string, string> redact) => Kind switch
    {
        SmokeValueKind.Missing => "nothing",
        SmokeValueKind.Text => $"\"{Fit(redact(AsText))}\"",
        SmokeValueKind.List => Fit($"[{string.Join(", ", AsList.Take(20).Select(value => value.Show(redact)))}{(AsList.Length > 20 ? ", ..." : "")}]"),
        SmokeValueKind.Object => Fit(redact(((JsonElement)raw!).GetRawText())),
        _ => redact(Render()!),
    };

    /// <inheritdoc/>
    public override string ToString() => Show(static text => text);

    private static string Fit(string text) => SmokeText.Cut(SmokeText.Printable(text), LongestShown);
}
