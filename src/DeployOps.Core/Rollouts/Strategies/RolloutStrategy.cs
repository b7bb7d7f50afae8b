namespace DeployOps.Rollouts.Strategies;

/// <summary>How capacity and traffic move from the old version to the new.</summary>
public enum RolloutStrategy
{
    /// <summary>The idle pool gets the new version, then all traffic at once; the old pool stays as it was.</summary>
    BlueGreen,

    /// <summary>A batch of instances at a time is taken out of the traffic, gets the new version and is let in again, while the others serve.</summary>
    Rolling,
}
