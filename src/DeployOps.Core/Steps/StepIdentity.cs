using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Steps;

/// <summary>What a step is called.</summary>
/// <param name="Phase">The phase it belongs to.</param>
/// <param name="Key">Its name, unique in the window, such as <c>deploy/green-1</c>.</param>
/// <param name="Change">What it changes, such as <c>green-1: 2.3.0 -> 2.4.0</c>.</param>
public sealed record StepIdentity(DeploymentPhase Phase, string Key, string Change)
{
    /// <inheritdoc/>
    public override string ToString() => Change;
}
