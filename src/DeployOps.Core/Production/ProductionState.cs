using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Production;

/// <summary>
/// What production is in now, in words, as far as the journal tells: an intent without an outcome is said to be unknown. It is what every error of
/// a phase carries.
/// </summary>
/// <param name="Traffic">Which version serves, at which weights.</param>
/// <param name="Instances">What runs beside that, or does not.</param>
/// <param name="Databases">What each database was migrated to.</param>
/// <param name="WayBack">Whether it went back.</param>
internal sealed record ProductionState(string Traffic, IReadOnlyList<string> Instances, IReadOnlyList<string> Databases, string WayBack)
{
    /// <summary>Derives it. Pure.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="wayBack">What going back came to, where that is not in the journal yet.</param>
    internal static ProductionState Of(WindowFacts facts, PhaseOutcome? wayBack = null)
    {
        var capture = facts.Captured<RolloutCapture>(RolloutFactory.CaptureName);
        var traffic = TrafficWords.Of(facts, capture);

        return new ProductionState(traffic.Words, InstanceWords.Of(facts, capture, traffic.Weights), DatabaseWords.Of(facts), WayBackWords.Of(facts, wayBack));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{string.Join(", ", [Traffic, .. Instances, .. Databases])}; {WayBack}.";
}
