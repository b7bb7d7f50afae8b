using DeployOps.Rollouts.Strategies;

namespace DeployOps.Rollouts;

/// <summary>How instances and traffic change.</summary>
public sealed record RolloutSpec
{
    /// <summary>The strategy.</summary>
    public required RolloutStrategy Strategy { get; init; }

    /// <summary>The full path of the script that makes one instance run one version.</summary>
    public required string Deploy { get; init; }

    /// <summary>How long the script may take for one instance. Default 5 minutes.</summary>
    public TimeSpan DeployTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long requests in flight may take to end. Default 30 seconds.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an instance may take to become healthy after its script. Default 1 minute.</summary>
    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How many healthy answers in a row count. Default 3; 1 to 100.</summary>
    public int Consecutive { get; init; } = 3;

    /// <summary>How long new traffic is left to settle, after each batch of a rolling rollout, before it goes on; checked meanwhile. Default 0.</summary>
    public TimeSpan Soak { get; init; }

    /// <summary>How many instances a rolling rollout takes out of the traffic together. Default 1; fewer than there are instances.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>The router.</summary>
    public required RouterSpec Router { get; init; }

    /// <summary>The instances.</summary>
    public required IReadOnlyList<InstanceSpec> Instances { get; init; }

    /// <summary>The path that answers 200 on a healthy instance. Default <c>/healthz</c>.</summary>
    public string Health { get; init; } = "/healthz";

    /// <summary>The path that answers the served version, as text or as JSON with a <c>version</c> property. Default <c>/version</c>.</summary>
    public string Version { get; init; } = "/version";
}
