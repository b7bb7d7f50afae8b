using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Smoke.JsonPaths;
using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke.Running;

/// <summary>Takes values out of an answer.</summary>
internal static class SmokeQueries
{
    /// <summary>What a query yields.</summary>
    /// <exception cref="SmokeFault">It cannot be asked of this answer.</exception>
    public static SmokeValue Ask(HurlQuery query, SmokeAnswer answer, SmokeVariables variables)
    {
        try
        {
            var value = query.Kind switch
            {
                HurlQueryKind.Status => SmokeValue.Of(answer.Status),
                HurlQueryKind.Duration => SmokeValue.Of((long)answer.Duration.TotalMilliseconds),
                HurlQueryKind.Url => SmokeValue.Of(answer.Url.AbsoluteUri),
                HurlQueryKind.Body => SmokeValue.Of(answer.Text()),
                HurlQueryKind.Header => OfValues(answer.Values(variables.Render(query.Name!))),
                HurlQueryKind.Cookie => Cookie(answer, variables.Render(query.Name!)),
                HurlQueryKind.Regex => Find(Pattern(query.Pattern!, variables), answer.Text()),
                _ => Select(query.Path ?? JsonPath.Parse(variables.Render(query.Name!)), answer),
            };
            return query.Filters.Aggregate(value, (current, filter) => Apply(filter, current, variables));
        }
        catch (JsonPathException fault)
        {
            throw new SmokeFault(SmokeOutcome.Failed, $"jsonpath: {SmokeText.Printable(fault.Message)}");
        }
        catch (RegexMatchTimeoutException)
        {
            throw new SmokeFault(SmokeOutcome.Failed, "the pattern took too long on this answer");
        }
        catch (InvalidOperationException)
        {
            // JsonElement says so of a text that holds half a surrogate pair.
            throw new SmokeFault(SmokeOutcome.Failed, "the body holds a text that is not Unicode");
        }
    }

    /// <summary>The regular expression of an operand.</summary>
    /// <exception cref="SmokeFault">With the variables' values it is none.</exception>
    public static Regex Pattern(HurlOperand operand, SmokeVariables variables)
    {
        try
        {
            return operand.Pattern ?? SmokePattern.Compile(variables.Render(operand.Text!));
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new SmokeFault(SmokeOutcome.Failed, $"pattern: {SmokeText.Printable(fault.Message)}");
        }
    }

    private static SmokeValue OfValues(IReadOnlyList<string> values) => values.Count switch
    {
        0 => SmokeValue.Missing,
        1 => SmokeValue.Of(values[0]),
        _ => SmokeValue.Of(values.Select(SmokeValue.Of)),
    };

    private static SmokeValue Cookie(SmokeAnswer answer, string name)
    {
        var pair = answer.Values("Set-Cookie").Select(SmokeCookies.Pair).LastOrDefault(pair => pair?.Name == name);
        return pair is null ? SmokeValue.Missing : SmokeValue.Of(pair.Value.Value);
    }

    private static SmokeValue Select(JsonPath path, SmokeAnswer answer) => SmokeValue.OfNodes(path.Select(answer.Json()), path.IsSingular);

    private static SmokeValue Find(Regex pattern, string text)
    {
        var match = pattern.Match(text);
        return match.Success ? SmokeValue.Of(match.Groups[match.Groups.Count > 1 ? 1 : 0].Value) : SmokeValue.Missing;
    }

    private static SmokeValue Apply(HurlFilter filter, SmokeValue value, SmokeVariables variables)
    {
        if (filter.Kind == HurlFilterKind.Count && (value.Nodes is not null || value.Kind == SmokeValueKind.List))
        {
            return SmokeValue.Of(value.Size!.Value);
        }

        return (filter.Kind, value.Kind) switch
        {
            (_, SmokeValueKind.Missing) => SmokeValue.Missing,
            (HurlFilterKind.Nth, SmokeValueKind.List) => Nth(value, filter.Index),
            (HurlFilterKind.Regex, SmokeValueKind.Text) => Find(Pattern(filter.Pattern!, variables), value.AsText),
            (HurlFilterKind.ToInt, SmokeValueKind.Text) => long.TryParse(value.AsText.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? SmokeValue.Of(number)
                : throw Unfit("toInt", value),
            (HurlFilterKind.ToInt, SmokeValueKind.Number) when value.Truncated() is { } whole => SmokeValue.Of(whole),
            (HurlFilterKind.Count, _) => throw Unfit("count", value),
            (HurlFilterKind.Nth, _) => throw Unfit("nth", value),
            (HurlFilterKind.Regex, _) => throw Unfit("regex", value),
            _ => throw Unfit("toInt", value),
        };
    }

    private static SmokeValue Nth(SmokeValue list, int index)
    {
        var position = index < 0 ? list.AsList.Length + index : index;
        return position >= 0 && position < list.AsList.Length ? list.AsList[position] : SmokeValue.Missing;
    }

    private static SmokeFault Unfit(string filter, SmokeValue value) =>
        new(SmokeOutcome.Failed, $"filter {filter} cannot take {(value.Kind == SmokeValueKind.Text ? "a text" : value.Kind == SmokeValueKind.Number ? "a number" : $"a value of type {value.Kind}")} like this one");
}
