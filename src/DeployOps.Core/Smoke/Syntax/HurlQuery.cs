using System.Collections.Immutable;
using DeployOps.Smoke.JsonPaths;

namespace DeployOps.Smoke.Syntax;

/// <summary>What an assert or a capture looks at, with its filters.</summary>
/// <param name="Kind">What it looks at.</param>
/// <param name="Name">The header, cookie or path.</param>
/// <param name="Path">The path, where it is known when the file is read.</param>
/// <param name="Pattern">The expression for <see cref="HurlQueryKind.Regex"/>.</param>
/// <param name="Filters">What is done to the value, in order.</param>
/// <param name="Source">The query as it was written.</param>
internal sealed record HurlQuery(HurlQueryKind Kind, HurlTemplate? Name, JsonPath? Path, HurlOperand? Pattern, ImmutableArray<HurlFilter> Filters, string Source)
{
    /// <summary>The variables it needs.</summary>
    public IEnumerable<HurlTemplatePart> Variables =>
        [.. Name?.Variables ?? [], .. Pattern?.Variables ?? [], .. Filters.SelectMany(static filter => filter.Pattern?.Variables ?? [])];
}
