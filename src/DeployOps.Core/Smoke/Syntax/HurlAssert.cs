namespace DeployOps.Smoke.Syntax;

/// <summary>One line below <c>[Asserts]</c>.</summary>
internal sealed record HurlAssert(HurlQuery Query, HurlPredicate Predicate, SourcePosition Position)
{
    /// <summary>The variables it needs.</summary>
    public IEnumerable<HurlTemplatePart> Variables => [.. Query.Variables, .. Predicate.Operand?.Variables ?? []];
}
