using System.Collections.Immutable;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>What a filter asks of each child.</summary>
internal abstract record JsonPathCondition
{
    /// <summary>At least one holds.</summary>
    internal sealed record Any(ImmutableArray<JsonPathCondition> Conditions) : JsonPathCondition;

    /// <summary>Every one holds.</summary>
    internal sealed record All(ImmutableArray<JsonPathCondition> Conditions) : JsonPathCondition;

    /// <summary>It does not hold.</summary>
    internal sealed record Not(JsonPathCondition Condition) : JsonPathCondition;

    /// <summary>The path yields at least one node.</summary>
    internal sealed record Exists(JsonPathQuery Query) : JsonPathCondition;

    /// <summary>A function answers yes.</summary>
    internal sealed record Holds(JsonPathOperand.Call Call) : JsonPathCondition;

    /// <summary>Two values stand in this relation.</summary>
    internal sealed record Compares(JsonPathOperand Left, JsonPathComparison Comparison, JsonPathOperand Right) : JsonPathCondition;
}
