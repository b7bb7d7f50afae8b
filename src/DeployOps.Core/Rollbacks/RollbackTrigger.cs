namespace DeployOps.Rollbacks;

/// <summary>What happens when a phase fails.</summary>
public enum RollbackTrigger
{
    /// <summary>The failed phase goes back by itself before it reports.</summary>
    Automatic,

    /// <summary>A person is asked; where nobody can answer it counts as <see cref="Automatic"/>.</summary>
    Ask,

    /// <summary>Nothing goes back until somebody runs Invoke-Rollback.</summary>
    Never,
}
