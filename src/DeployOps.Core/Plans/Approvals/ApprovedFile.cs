using DeployOps.Migrations.Sql;

namespace DeployOps.Plans.Approvals;

/// <summary>One file that the approval covers.</summary>
/// <param name="Path">Relative to the plan, with <c>/</c>; absolute only where it lies on another drive.</param>
/// <param name="FullPath">Where it lies.</param>
/// <param name="Sha256">Its SHA-256, 64 hexadecimal digits in lower case.</param>
/// <param name="Content">The bytes that were hashed, so that they are the bytes that are run; empty where <see cref="Source"/> leads to them.</param>
public sealed record ApprovedFile(string Path, string FullPath, string Sha256, ReadOnlyMemory<byte> Content)
{
    /// <summary>
    /// Opens the bytes of a script that is too long for memory; null for every other file. Whoever reads them to the end compares their hash, since they lie on a disk meanwhile.
    /// </summary>
    internal Func<Stream>? Source { get; init; }

    /// <summary>Its bytes from the first one.</summary>
    internal Stream Open() => Source?.Invoke() ?? SqlFile.Over(Content);

    /// <inheritdoc/>
    public override string ToString() => $"{Sha256}  {Path}";
}
