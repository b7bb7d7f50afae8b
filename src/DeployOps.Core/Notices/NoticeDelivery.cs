using DeployOps.Windows;

namespace DeployOps.Notices;

/// <summary>What became of the notices of a window.</summary>
/// <param name="Window">The window.</param>
/// <param name="Sent">How many were taken now, over all channels.</param>
/// <param name="Waiting">How many no channel took yet; the next command on the window sends them.</param>
public sealed record NoticeDelivery(DeploymentWindow Window, int Sent, int Waiting)
{
    /// <inheritdoc/>
    public override string ToString() => Waiting == 0 ? $"{Sent} notices taken" : $"{Sent} notices taken, {Waiting} wait";
}
