namespace DeployOps.Rollouts;

/// <summary>One place a version can run in. Handed to the deploy script as <c>-Instance</c>.</summary>
public sealed record InstanceSpec
{
    /// <summary>The name, which is also the router's name for it; unique in the plan.</summary>
    public required string Name { get; init; }

    /// <summary>The pool it belongs to: two pools make a blue-green rollout. Empty where the plan names none, which a rolling one need not.</summary>
    public required string Pool { get; init; }

    /// <summary>The instance's own address, past the router.</summary>
    public required Uri Uri { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
