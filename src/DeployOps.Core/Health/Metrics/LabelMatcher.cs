using System.Text.RegularExpressions;

namespace DeployOps.Health.Metrics;

/// <summary>One condition on a label. An absent label has the empty value, as in Prometheus.</summary>
/// <param name="Label">The label's name.</param>
/// <param name="Value">The value it must equal, where <paramref name="Pattern"/> is null.</param>
/// <param name="Pattern">The anchored pattern it must match.</param>
/// <param name="IsNegated">The condition is turned round: <c>!=</c>, <c>!~</c>.</param>
internal sealed record LabelMatcher(string Label, string Value, Regex? Pattern, bool IsNegated)
{
    /// <summary>Whether a series with this value of the label is meant.</summary>
    public bool Matches(string value) => (Pattern?.IsMatch(value) ?? value == Value) != IsNegated;
}
