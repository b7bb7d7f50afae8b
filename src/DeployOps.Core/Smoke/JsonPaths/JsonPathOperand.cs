using System.Collections.Immutable;
using System.Text.Json;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>What a filter compares, or hands to a function.</summary>
internal abstract record JsonPathOperand
{
    /// <summary>A text, a number, true, false or null written in the path.</summary>
    internal sealed record Literal(JsonElement Value) : JsonPathOperand;

    /// <summary>A path.</summary>
    internal sealed record Nodes(JsonPathQuery Query) : JsonPathOperand;

    /// <summary>The answer of a function.</summary>
    internal sealed record Call(JsonPathFunction Function, ImmutableArray<JsonPathOperand> Arguments) : JsonPathOperand
    {
        /// <summary>The function answers yes or no instead of a value.</summary>
        public bool IsLogical => Function is JsonPathFunction.Match or JsonPathFunction.Search;
    }
}
