namespace DeployOps.Rollouts;

/// <summary>What spreads requests over instances.</summary>
public sealed record RouterSpec
{
    /// <summary>The kind: <c>Yarp</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The full path of the router's configuration file.</summary>
    public required string Path { get; init; }

    /// <summary>The cluster whose destinations are the plan's instances, by name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The address users reach: through it the served version is verified.</summary>
    public required Uri Uri { get; init; }
}
