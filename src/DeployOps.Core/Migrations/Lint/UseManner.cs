namespace DeployOps.Migrations.Lint;

/// <summary>What becomes of something that uses what is taken away.</summary>
public enum UseManner
{
    /// <summary>The statement fails as long as it is there; where it says CASCADE, it is dropped too.</summary>
    Refuses,

    /// <summary>The statement does what it says, and it fails from then on, when it is next used.</summary>
    Breaks,

    /// <summary>It is dropped without a word.</summary>
    Goes,
}
