namespace DeployOps.Smoke.JsonPaths;

/// <summary>What a segment takes from a node (RFC 9535, 2.3).</summary>
internal abstract record JsonPathSelector
{
    /// <summary>The member of an object with this name.</summary>
    internal sealed record Name(string Value) : JsonPathSelector;

    /// <summary>Every child.</summary>
    internal sealed record Wildcard : JsonPathSelector;

    /// <summary>One element of an array; counted from the end where it is negative.</summary>
    internal sealed record Index(long Value) : JsonPathSelector;

    /// <summary>A range of an array; what is absent follows the direction of <paramref name="Step"/> (default 1).</summary>
    internal sealed record Slice(long? Start, long? End, long Step) : JsonPathSelector;

    /// <summary>The children for which a condition holds.</summary>
    internal sealed record Filter(JsonPathCondition Condition) : JsonPathSelector;
}
