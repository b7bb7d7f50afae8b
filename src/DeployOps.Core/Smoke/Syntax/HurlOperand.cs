using System.Text.RegularExpressions;
using DeployOps.Smoke.Running;

namespace DeployOps.Smoke.Syntax;

/// <summary>What an assert compares with: exactly one of these is set.</summary>
/// <param name="Literal">A number, true, false or null.</param>
/// <param name="Text">A text, with variables or without.</param>
/// <param name="Variable">One variable, taken with its type.</param>
/// <param name="Pattern">A regular expression that is known when the file is read.</param>
internal sealed record HurlOperand(SmokeValue? Literal = null, HurlTemplate? Text = null, HurlTemplatePart? Variable = null, Regex? Pattern = null)
{
    /// <summary>The variables it needs.</summary>
    public IEnumerable<HurlTemplatePart> Variables => Variable is not null ? [Variable] : Text?.Variables ?? [];
}
