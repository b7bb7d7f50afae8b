namespace DeployOps.Checks;

/// <summary>What a check came to, in the words of test reports.</summary>
public enum CheckState
{
    /// <summary>It holds; a warning holds too, and says so.</summary>
    Passed,

    /// <summary>It does not hold.</summary>
    Failed,

    /// <summary>It could not be asked.</summary>
    Error,

    /// <summary>It counts for nothing: only planned, allowed by a script with its reason, or failing already on the old version.</summary>
    Skipped,
}
