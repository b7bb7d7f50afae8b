using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Support;

/// <summary>A phase that does what the test says.</summary>
internal sealed class FakePhase(DeploymentPhase phase, Func<PhaseContext, Task<PhaseOutcome>> run, bool acts = true) : IPhase<FakeResult>
{
    public int Runs { get; private set; }

    /// <summary>What it says of itself; null for how it ended.</summary>
    public string? Says { get; init; }

    /// <summary>Done when it is planned.</summary>
    public Action<PhaseContext> OnPlan { get; init; } = _ => { };

    public PhaseTraits Traits { get; } = new(phase, acts, $"{phase}Failed");

    public Task<FakeResult> PlanAsync(PhaseContext context)
    {
        OnPlan(context);
        return Task.FromResult(End(PhaseOutcome.Planned, "would run"));
    }

    public async Task<FakeResult> RunAsync(PhaseContext context)
    {
        Runs++;
        var outcome = await run(context);
        return End(outcome, Says ?? $"it {outcome}");
    }

    public FakeResult End(PhaseOutcome outcome, string summary) => new() { Outcome = outcome, Summary = summary, Number = 7 };
}
