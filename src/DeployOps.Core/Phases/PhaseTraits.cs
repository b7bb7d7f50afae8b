using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What the frame needs to know of a phase.</summary>
/// <param name="Phase">Which it is.</param>
/// <param name="Acts">True where it changes something and so holds the environment's lock; false where it only judges.</param>
/// <param name="FailureId">The error id where its own verdict is against the release, such as <c>SmokeFailed</c>.</param>
internal sealed record PhaseTraits(DeploymentPhase Phase, bool Acts, string FailureId);
