using DeployOps.Phases;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Steps;

/// <summary>What the journal tells of one step.</summary>
/// <param name="Phase">The phase it belongs to.</param>
/// <param name="Key">Its name, unique in the window, such as <c>deploy/green-1</c>.</param>
/// <param name="Change">What it changes, in words.</param>
/// <param name="State">How far it got.</param>
/// <param name="FirstSeq">The record of its first intent: the order in which things really happened.</param>
internal sealed record StepFacts(DeploymentPhase Phase, string Key, string Change, StepState State, long FirstSeq)
{
    /// <summary>The record of what was last heard of it.</summary>
    public long LastSeq { get; init; }

    /// <summary>True where it was seen in effect and has not been seen taken back since: one that could not be taken back may still be in effect.</summary>
    public bool WasDone { get; init; }

    /// <summary>Whether it failed and left what it is about as it was before it was begun for the first time, or since that was known last.</summary>
    public bool LeftAsBefore { get; init; }

    /// <summary>Whether an earlier try of it left something unknown that nobody has settled since.</summary>
    public bool MayHaveLeft { get; init; }

    /// <summary>The files that were in force when it was last begun.</summary>
    public IReadOnlyList<KeptFile> Files { get; init; } = [];
}
