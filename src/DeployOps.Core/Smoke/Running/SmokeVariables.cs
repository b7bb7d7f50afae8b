using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke.Running;

/// <summary>The variables a file knows: those it is given, those it sets, those it captures.</summary>
internal sealed class SmokeVariables
{
    private readonly Dictionary<string, SmokeValue> values;

    private SmokeVariables(Dictionary<string, SmokeValue> values) => this.values = values;

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => values.Keys;

    /// <summary>Takes the variables of a run.</summary>
    /// <exception cref="DeployOpsException"><c>SmokeVariableInvalid</c>: a name or a type that cannot be used.</exception>
    public static SmokeVariables From(IReadOnlyDictionary<string, object?> given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return new SmokeVariables(given.ToDictionary(static pair => Checked(pair.Key), static pair => ToValue(pair.Key, pair.Value), StringComparer.Ordinal));
    }

    /// <summary>The same variables, to be changed by one run of one file.</summary>
    public SmokeVariables Copy() => new(new Dictionary<string, SmokeValue>(values, StringComparer.Ordinal));

    /// <summary>Sets one.</summary>
    public void Set(string name, SmokeValue value) => values[name] = value;

    /// <summary>One's value, with its type.</summary>
    public SmokeValue this[HurlTemplatePart variable] => values.TryGetValue(variable.Text, out var value)
        ? value
        : throw new SmokeFault(SmokeOutcome.Error, $"variable '{variable.Text}' is not defined") { Line = variable.Position.Line };

    /// <summary>A template with the variables' values.</summary>
    public string Render(HurlTemplate template)
    {
        if (template.Literal is { } literal)
        {
            return literal;
        }

        var result = new StringBuilder();
        foreach (var part in template.Parts)
        {
            result.Append(part.IsVariable ? Render(part) : part.Text);
        }

        return result.ToString();
    }

    private string Render(HurlTemplatePart variable)
    {
        var value = this[variable];
        var text = value.Render() ?? throw new SmokeFault(SmokeOutcome.Failed, $"variable '{variable.Text}' is {Describe(value)} and cannot be put into a text") { Line = variable.Position.Line };
        return variable.InJsonText ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) : text;
    }

    private static string Describe(SmokeValue value) => value.Kind == SmokeValueKind.List ? "a list" : "an object";

    private static string Checked(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? name
            : throw Invalid($"The smoke variable '{SmokeText.Cut(SmokeText.Printable(name), 40)}' has a name that no smoke file can use.", "Use letters, digits, '_' and '-', a letter first.");

    private static SmokeValue ToValue(string name, object? value) => value switch
    {
        null => SmokeValue.Null,
        string text => SmokeValue.Of(text),
        bool flag => SmokeValue.Of(flag),
        sbyte or byte or short or ushort or int or uint or long => SmokeValue.Of(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong or float or double or decimal => SmokeValue.OfNumber(Convert.ToString(value, CultureInfo.InvariantCulture)!),
        Uri uri => SmokeValue.Of(uri.OriginalString),
        JsonElement json => SmokeValue.Of(json),
        _ => throw Invalid($"The smoke variable '{name}' is a {value.GetType().Name}.", "Give a text, a number, true, false or null."),
    };

    private static DeployOpsException Invalid(string message, string nextStep) => new("SmokeVariableInvalid", FaultKind.InvalidData, message, nextStep);
}
