namespace DeployOps.Rollouts;

/// <summary>How capacity and traffic move from the old version to the new.</summary>
public enum RolloutStrategy
{
    /// <summary>The idle pool gets the new version, then all traffic at once; the old pool stays as it was.</summary>
    BlueGreen,
}
