namespace DeployOps.Backups;

/// <summary>What keeps a backup from being put back, as things are.</summary>
/// <param name="Why">Why a restore is refused, in words that may follow a colon.</param>
/// <param name="Next">What to do about it, in sentences.</param>
public sealed record RestoreHindrance(string Why, string Next);
