using DeployOps.Plans;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What one phase does inside the frame that all phases share. An instance serves one run.</summary>
/// <typeparam name="TResult">What it emits.</typeparam>
internal interface IPhase<TResult>
    where TResult : PhaseResult
{
    /// <summary>Which phase it is, and whether it changes anything.</summary>
    PhaseTraits Traits { get; }

    /// <summary>How what was asked for is less than the plan says: it needs a written reason. Empty where it is not.</summary>
    IEnumerable<DeployOpsException> Shortfalls(DeploymentPlan plan) => [];

    /// <summary>Says what a run would do, by the real planner and reading only.</summary>
    Task<TResult> PlanAsync(PhaseContext context);

    /// <summary>
    /// Does it. The outcome is Succeeded, Failed or Inconclusive; an exception counts as Failed and its message says why.
    /// </summary>
    Task<TResult> RunAsync(PhaseContext context);

    /// <summary>The result of a run that ended otherwise, with the evidence gathered until then.</summary>
    TResult End(PhaseOutcome outcome, string summary);
}
