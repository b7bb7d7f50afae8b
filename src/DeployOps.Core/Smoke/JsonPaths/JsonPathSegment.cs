using System.Collections.Immutable;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>One step of a path: a child segment, or a descendant segment that also looks at everything below.</summary>
internal sealed record JsonPathSegment(bool Descendant, ImmutableArray<JsonPathSelector> Selectors)
{
    /// <summary>At most one node can come out: one name or one index, and nothing below.</summary>
    public bool IsSingular => !Descendant && Selectors is [JsonPathSelector.Name or JsonPathSelector.Index];
}
