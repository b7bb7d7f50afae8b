namespace DeployOps.Backups;

/// <summary>What keeps a backup from being put back, as things are.</summary>
/// <param name="Why">Why a restore is refused, in words that may follow a colon.</param>
/// <param name="Next">What to do about it, in sentences.</param>
public sealed record RestoreHindrance(string Why, string Next)
{
    /// <summary>Whether it is known to be so. Where it may be and nobody can tell, it is warned of and refuses nothing. Default true.</summary>
    public bool IsCertain { get; init; } = true;
}
