namespace DeployOps.Backups;

/// <summary>What keeps a backup from being put back, as things are.</summary>
/// <param name="Why">Why a restore is refused, in words that may follow a colon.</param>
/// <param name="Next">What to do about it, in sentences.</param>
public sealed record RestoreHindrance(string Why, string Next)
{
    /// <summary>Whether it is known to be so. Where it may be and nobody can tell, it is warned of and refuses nothing. Default true.</summary>
    public bool IsCertain { get; init; } = true;

    /// <summary>Whether it comes and goes: it refuses a restore, and when a backup is taken it is only warned of, since it says nothing of what is so hours later. Default false.</summary>
    public bool MayPass { get; init; }
}
