using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>One attempt to do or to take back a step.</summary>
internal sealed record StepRun
{
    public required DeploymentPhase Phase { get; init; }

    public required string Key { get; init; }

    /// <summary>What it changes, in words.</summary>
    public required string Change { get; init; }

    /// <summary>When the intent was on the disk.</summary>
    public required DateTimeOffset BeganAt { get; init; }

    /// <summary>When the outcome was; null where nobody saw it.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    public required StepState State { get; init; }

    /// <summary>What was seen, in words with numbers.</summary>
    public string Evidence { get; init; } = "";

    /// <summary>True where the step was taken back, or was to be.</summary>
    public bool IsUndo => State is StepState.UndoIntended or StepState.Undone or StepState.UndoFailed;
}
