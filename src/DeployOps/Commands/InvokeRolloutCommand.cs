using System.Management.Automation;
using DeployOps.Pipeline;
using DeployOps.Rollouts;

namespace DeployOps.Commands;

/// <summary>Brings the new version into production in reversible steps.</summary>
/// <remarks>
/// Weights and versions are captured first. BlueGreen: each instance without traffic gets the new version by the plan's deploy script, must be healthy
/// several times in a row and serve that version; then the router sends it the traffic in one change, and through the router the new version must
/// answer. The old instances keep running until the window is completed. Rolling: a batch of instances at a time is taken out of the traffic and drained,
/// gets the new version, must be healthy and serve it, and is let in again with the weight it had, while the others serve. When a step fails and the
/// plan says Automatic, everything is taken back before the error is reported.
/// </remarks>
/// <example>
/// <code>$window | Invoke-Rollout</code>
/// <para>Rolls the plan's release out and emits a RolloutResult.</para>
/// </example>
/// <example>
/// <code>$window | Invoke-Rollout -WhatIf | ForEach-Object Steps</code>
/// <para>Lists the steps that would be performed.</para>
/// </example>
/// <example>
/// <code>$window | Invoke-Rollout -ThrottleLimit 8</code>
/// <para>Works on up to eight instances at the same time; with Rolling, on no more than a batch has.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "Rollout", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RolloutResult))]
public sealed class InvokeRolloutCommand : PhaseCommand
{
    /// <summary>How many instances are worked on at the same time, 1 to 64; 1 where it is not given. The deploy script then runs as often at once.</summary>
    [Parameter]
    [ValidateRange(1, 64)]
    public int ThrottleLimit { get; set; } = 1;

    private protected override Task ProcessAsync() => RunPhaseAsync(new RolloutPhase(ThrottleLimit), planned => planned.Steps.Count == 0 ? (Window.Id, planned.Summary) : (
        $"{Window.Service} in {Window.Environment}: {planned.From ?? "old version"} -> {planned.To}",
        $"Roll out in {planned.Steps.Count} steps: {string.Join("; ", planned.Steps)}"));
}
