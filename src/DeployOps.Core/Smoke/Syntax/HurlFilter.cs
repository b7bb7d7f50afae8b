namespace DeployOps.Smoke.Syntax;

/// <summary>A filter of a query.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Index">The element for <see cref="HurlFilterKind.Nth"/>.</param>
/// <param name="Pattern">The expression for <see cref="HurlFilterKind.Regex"/>.</param>
internal sealed record HurlFilter(HurlFilterKind Kind, int Index = 0, HurlOperand? Pattern = null);
