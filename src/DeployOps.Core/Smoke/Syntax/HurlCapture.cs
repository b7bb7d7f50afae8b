namespace DeployOps.Smoke.Syntax;

/// <summary>One line below <c>[Captures]</c>: a value kept for later requests.</summary>
/// <param name="Name">The variable.</param>
/// <param name="Query">What it holds.</param>
/// <param name="Redact">It is a secret.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record HurlCapture(string Name, HurlQuery Query, bool Redact, SourcePosition Position);
