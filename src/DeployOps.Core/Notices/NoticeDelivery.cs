using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Notices;

/// <summary>What became of the notices of a window.</summary>
/// <param name="Window">The window.</param>
/// <param name="Sent">How many were taken now, over all channels.</param>
/// <param name="Waiting">How many no channel took yet; the next command on the window sends them.</param>
public sealed record NoticeDelivery(DeploymentWindow Window, int Sent, int Waiting)
{
    /// <summary>Succeeded; Planned under -WhatIf, where nothing was said.</summary>
    public PhaseOutcome Outcome { get; init; } = PhaseOutcome.Succeeded;

    /// <inheritdoc/>
    public override string ToString() => Outcome == PhaseOutcome.Planned ? "nothing said" : Waiting == 0 ? $"{Sent} notices taken" : $"{Sent} notices taken, {Waiting} wait";
}
