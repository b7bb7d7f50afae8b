namespace DeployOps.Smoke.Syntax;

/// <summary>A request and what its answer must be; without the latter, any status below 400 is right.</summary>
internal sealed record HurlEntry(HurlRequest Request, HurlResponse? Response);
