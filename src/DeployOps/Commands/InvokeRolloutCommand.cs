using System.Management.Automation;
using DeployOps.Pipeline;
using DeployOps.Rollouts;

namespace DeployOps.Commands;

/// <summary>Brings the new version into production in reversible steps.</summary>
/// <remarks>
/// Weights and versions are captured first. Each instance without traffic gets the new version by the plan's deploy script, must be healthy
/// several times in a row and serve that version; then the router sends it the traffic in one change, and through the router the new version must
/// answer. The old instances keep running until the window is completed. When a step fails and the plan says Automatic, everything is taken back
/// before the error is reported.
/// </remarks>
/// <example>
/// <code>$window | Invoke-Rollout</code>
/// <para>Rolls the plan's release out and emits a RolloutResult.</para>
/// </example>
/// <example>
/// <code>$window | Invoke-Rollout -WhatIf | ForEach-Object Steps</code>
/// <para>Lists the steps that would be performed.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "Rollout", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(RolloutResult))]
public sealed class InvokeRolloutCommand : PhaseCommand
{
    private protected override Task ProcessAsync() => RunPhaseAsync(new RolloutPhase(), planned => planned.Steps.Count == 0 ? (Window.Id, planned.Summary) : (
        $"{Window.Service} in {Window.Environment}: {planned.From ?? "old version"} -> {planned.To}",
        $"Roll out in {planned.Steps.Count} steps: {string.Join("; ", planned.Steps)}"));
}
