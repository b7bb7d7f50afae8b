using System.Collections.Immutable;

namespace DeployOps.Smoke.Syntax;

/// <summary>A text with variables in it, such as <c>{{host}}/cart/{{id}}</c>.</summary>
/// <param name="Parts">Its pieces, in order.</param>
/// <param name="Position">Where it starts.</param>
internal sealed record HurlTemplate(ImmutableArray<HurlTemplatePart> Parts, SourcePosition Position)
{
    /// <summary>The variables it needs.</summary>
    public IEnumerable<HurlTemplatePart> Variables => Parts.Where(static part => part.IsVariable);

    /// <summary>The text, where no variable is in it; otherwise null.</summary>
    public string? Literal => Variables.Any() ? null : string.Concat(Parts.Select(static part => part.Text));

    /// <summary>The text as it was written, with the variables' names.</summary>
    public override string ToString() => string.Concat(Parts.Select(static part => part.IsVariable ? $"{{{{{part.Text}}}}}" : part.Text));
}
