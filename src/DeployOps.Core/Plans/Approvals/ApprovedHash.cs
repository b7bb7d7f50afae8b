namespace DeployOps.Plans.Approvals;

/// <summary>One file in an approval: its name and what it held.</summary>
/// <param name="Path">Relative to the plan, with <c>/</c>.</param>
/// <param name="Sha256">Its SHA-256, 64 hexadecimal digits in lower case.</param>
public sealed record ApprovedHash(string Path, string Sha256);
