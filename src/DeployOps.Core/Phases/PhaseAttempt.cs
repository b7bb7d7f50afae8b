using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What one run of a phase's own work came to, and what followed from it.</summary>
/// <param name="Result">What it came to.</param>
/// <param name="Error">Null where it succeeded.</param>
internal sealed record PhaseAttempt<TResult>(TResult Result, DeployOpsException? Error)
    where TResult : PhaseResult
{
    /// <summary>The step that did not come to its end, or that was not taken back, in words; null where it was none.</summary>
    public string? At { get; init; }

    /// <summary>What else is to be told: why going back failed too, or did not begin. Empty, or with a space before it.</summary>
    public string Rest { get; init; } = "";

    /// <summary>What the next command follows from, where it is not <see cref="Error"/>.</summary>
    public DeployOpsException? Decides { get; init; }
}
