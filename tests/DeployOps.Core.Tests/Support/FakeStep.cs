using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Support;

/// <summary>A step that counts what is asked of it and answers as the test says.</summary>
internal sealed class FakeStep(string key, List<string> acts, DeploymentPhase phase = DeploymentPhase.Rollout) : IStep
{
    public StepIdentity Identity { get; } = new(phase, key, $"{key}: old -> new");

    public GateVerdict InEffect { get; init; } = GateVerdict.Fail;

    public Func<CancellationToken, Task> Doing { get; init; } = _ => Task.CompletedTask;

    /// <summary>Done when it is probed, before it answers.</summary>
    public Action Probing { get; init; } = () => { };

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        acts.Add($"do {key}");
        await Doing(cancellationToken);
        return $"{key} is new";
    }

    public Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        acts.Add($"probe {key}");
        Probing();
        return Task.FromResult(new GateResult($"probe of {key}", InEffect, "asked"));
    }

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        acts.Add($"undo {key}");
        await Doing(cancellationToken);
        return $"{key} is old";
    }
}
