namespace DeployOps.Smoke.Syntax;

/// <summary>What a request sends.</summary>
internal sealed record HurlBody(HurlBodyKind Kind, HurlTemplate Content);
