namespace DeployOps.Health;

/// <summary>What a look at the system's health comes to, from best to worst.</summary>
public enum HealthVerdict
{
    /// <summary>Every metric and check was judged and is within its limits.</summary>
    Healthy,

    /// <summary>Evidence is missing, and what there is does not fail.</summary>
    Inconclusive,

    /// <summary>Something fails, or failed and has not been seen to pass since, but not yet for enough looks in a row.</summary>
    Degraded,

    /// <summary>Something failed for as many looks in a row as the plan allows: go back.</summary>
    Rollback,
}
