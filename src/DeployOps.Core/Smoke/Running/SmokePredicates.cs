using System.Text.RegularExpressions;
using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke.Running;

/// <summary>Judges a value as an assert asks. What is not there, or of another type, fails with <c>not</c> as well as without.</summary>
/// <param name="variables">The variables.</param>
/// <param name="secrets">Takes secrets out of messages.</param>
internal sealed class SmokePredicates(SmokeVariables variables, SmokeSecrets secrets)
{
    /// <summary>Null where it holds, else what came and what was expected.</summary>
    public string? Judge(SmokeValue actual, HurlPredicate predicate)
    {
        var pattern = predicate.Kind == HurlPredicateKind.Matches ? SmokeQueries.Pattern(predicate.Operand!, variables) : null;
        var operand = pattern is null && predicate.Operand is not null ? Value(predicate.Operand) : null;
        var holds = pattern is null ? Holds(actual, predicate.Kind, operand) : Matches(actual, pattern);
        if (holds is { } known && known != predicate.Not)
        {
            return null;
        }

        var expected = $"{(predicate.Not ? "not " : "")}{Word(predicate.Kind)}{(pattern is not null ? $" /{secrets.Redact(pattern.ToString())}/" : operand is not null ? $" {operand.Show(secrets.Redact)}" : "")}";
        return $"actual {Describe(actual, operand, holds)}, expected {expected}";
    }

    private static bool? Holds(SmokeValue actual, HurlPredicateKind kind, SmokeValue? operand)
    {
        if (kind == HurlPredicateKind.Exists)
        {
            return actual.Kind != SmokeValueKind.Missing;
        }

        if (kind == HurlPredicateKind.IsEmpty)
        {
            return actual.Size is { } size ? size == 0 : null;
        }

        if (actual.Kind == SmokeValueKind.Missing)
        {
            return null;
        }

        return kind switch
        {
            HurlPredicateKind.Equal => actual.IsEqualTo(operand!),
            HurlPredicateKind.NotEqual => !actual.IsEqualTo(operand!),
            HurlPredicateKind.Greater => actual.CompareTo(operand!) is { } order ? order > 0 : null,
            HurlPredicateKind.GreaterOrEqual => actual.CompareTo(operand!) is { } order ? order >= 0 : null,
            HurlPredicateKind.Less => actual.CompareTo(operand!) is { } order ? order < 0 : null,
            HurlPredicateKind.LessOrEqual => actual.CompareTo(operand!) is { } order ? order <= 0 : null,
            HurlPredicateKind.Contains when actual.Kind == SmokeValueKind.List => actual.AsList.Any(element => element.IsEqualTo(operand!)),
            _ when actual.Kind != SmokeValueKind.Text || operand!.Kind != SmokeValueKind.Text => null,
            HurlPredicateKind.Contains => actual.AsText.Contains(operand.AsText, StringComparison.Ordinal),
            HurlPredicateKind.StartsWith => actual.AsText.StartsWith(operand.AsText, StringComparison.Ordinal),
            _ => actual.AsText.EndsWith(operand.AsText, StringComparison.Ordinal),
        };
    }

    private static bool? Matches(SmokeValue actual, Regex pattern)
    {
        try
        {
            return actual.Kind == SmokeValueKind.Text ? pattern.IsMatch(actual.AsText) : null;
        }
        catch (RegexMatchTimeoutException)
        {
            throw new SmokeFault(SmokeOutcome.Failed, "the pattern took too long on this answer");
        }
    }

    private SmokeValue Value(HurlOperand operand) =>
        operand.Literal ?? (operand.Variable is { } variable ? variables[variable] : SmokeValue.Of(variables.Render(operand.Text!)));

    /// <summary>Names the type where the values alone look alike, such as 200 and "200".</summary>
    private string Describe(SmokeValue actual, SmokeValue? operand, bool? holds)
    {
        var differs = actual.Kind is not (SmokeValueKind.Missing or SmokeValueKind.List) && ((operand is not null && operand.Kind != actual.Kind) || holds is null);
        return $"{actual.Show(secrets.Redact)}{(differs ? $" ({Type(actual.Kind)})" : "")}";
    }

    private static string Type(SmokeValueKind kind) => kind switch
    {
        SmokeValueKind.Text => "a text",
        SmokeValueKind.Number => "a number",
        SmokeValueKind.Boolean => "a boolean",
        SmokeValueKind.List => "a list",
        SmokeValueKind.Object => "an object",
        _ => "null",
    };

    private static string Word(HurlPredicateKind kind) => kind switch
    {
        HurlPredicateKind.Equal => "==",
        HurlPredicateKind.NotEqual => "!=",
        HurlPredicateKind.Greater => ">",
        HurlPredicateKind.GreaterOrEqual => ">=",
        HurlPredicateKind.Less => "<",
        HurlPredicateKind.LessOrEqual => "<=",
        HurlPredicateKind.Contains => "contains",
        HurlPredicateKind.StartsWith => "startsWith",
        HurlPredicateKind.EndsWith => "endsWith",
        HurlPredicateKind.Matches => "matches",
        HurlPredicateKind.Exists => "exists",
        _ => "isEmpty",
    };
}
