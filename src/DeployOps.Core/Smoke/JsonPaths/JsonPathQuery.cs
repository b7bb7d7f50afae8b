using System.Collections.Immutable;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>A path from the root (<c>$</c>) or, inside a filter, from the node looked at (<c>@</c>).</summary>
internal sealed record JsonPathQuery(bool FromRoot, ImmutableArray<JsonPathSegment> Segments)
{
    /// <summary>At most one node can come out.</summary>
    public bool IsSingular => Segments.All(static segment => segment.IsSingular);
}
