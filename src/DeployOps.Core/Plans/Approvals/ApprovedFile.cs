namespace DeployOps.Plans.Approvals;

/// <summary>One file that the approval covers.</summary>
/// <param name="Path">Relative to the plan, with <c>/</c>; absolute only where it lies on another drive.</param>
/// <param name="FullPath">Where it lies.</param>
/// <param name="Sha256">Its SHA-256, 64 hexadecimal digits in lower case.</param>
/// <param name="Content">The bytes that were hashed, so that they are the bytes that are run.</param>
public sealed record ApprovedFile(string Path, string FullPath, string Sha256, ReadOnlyMemory<byte> Content)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Sha256}  {Path}";
}
