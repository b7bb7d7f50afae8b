using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What a phase came to, with the error that goes with it.</summary>
/// <param name="Result">What is emitted, or the target of the error.</param>
/// <param name="Error">Null where it succeeded.</param>
public sealed record PhaseEnding<TResult>(TResult Result, DeployOpsException? Error)
    where TResult : PhaseResult;
