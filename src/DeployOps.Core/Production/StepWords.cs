using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>How far a step got that is neither in effect nor out of it.</summary>
internal static class StepWords
{
    /// <summary>True where the journal tells that the step is in effect, or that it is not.</summary>
    internal static bool IsCertain(StepFacts? step) => step is null or { State: StepState.Done or StepState.Undone };

    /// <summary>The step, of a phase or of any, that was last heard of and did not come to its end; null where there is none.</summary>
    internal static StepFacts? Unfinished(WindowFacts facts, DeploymentPhase? phase = null) =>
        facts.Steps.Where(step => (phase is null || step.Phase == phase) && !IsCertain(step)).MaxBy(step => step.LastSeq);

    /// <summary>At what something failed, in words: the step, or taking it back; null where it was at none.</summary>
    internal static string? At(StepFacts? step) => step switch
    {
        null => null,
        { State: StepState.UndoIntended or StepState.UndoFailed } => $"taking back '{step.Change}'",
        _ => $"'{step.Change}'",
    };

    internal static string Of(StepFacts step) => $"'{step.Change}' {How(step.State)}";

    private static string How(StepState state) => state switch
    {
        StepState.Intended => "was begun and not seen to end",
        StepState.Done => "is in effect",
        StepState.Failed => "failed on the way",
        StepState.UndoIntended => "was being taken back and not seen to end",
        StepState.Undone => "was taken back",
        _ => "could not be taken back",
    };
}
