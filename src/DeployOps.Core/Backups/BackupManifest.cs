using System.Globalization;

namespace DeployOps.Backups;

/// <summary>A backup that was proven to be restorable, with what it takes to notice a change of it later.</summary>
public sealed record BackupManifest
{
    /// <summary>The database's name in the plan.</summary>
    public required string Database { get; init; }

    /// <summary>The full path of the backup.</summary>
    public required string File { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the file; 64 hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>What the database held when the backup was taken.</summary>
    public required DatabaseFingerprint Fingerprint { get; init; }

    /// <summary>When it was taken, UTC.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Where it was restored to prove it, and what that did to others; null where its kind tells nothing of that, or an earlier version took it.</summary>
    public ProofEvidence? Proof { get; init; }

    /// <summary>What the proof came to, in words.</summary>
    internal string ProofWords => Proof is { } proof ? $"{proof}, and found equal" : "restored and equal";

    /// <summary>What it holds, in numbers.</summary>
    internal string Words => string.Create(CultureInfo.InvariantCulture, $"{Fingerprint.Tables.Count} tables with {Fingerprint.Tables.Sum(table => table.Rows)} rows");

    /// <inheritdoc/>
    public override string ToString() => $"{Database}: {Words}, {File}";
}
