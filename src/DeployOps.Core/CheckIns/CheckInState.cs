using DeployOps.Health.Logs;
using DeployOps.Health.Metrics;

namespace DeployOps.CheckIns;

/// <summary>What a check-in leaves for the next one, which judges everything from here on.</summary>
/// <param name="Number">Which check-in it was; 0 for the registration.</param>
/// <param name="Time">When, UTC.</param>
/// <param name="Samples">The counters as they were when each metric was last read: what grew while it could not be read is judged once it can.</param>
/// <param name="Logs">How far the logs were read, and the kinds of errors they told of; null where the plan reviews none.</param>
internal sealed record CheckInState(int Number, DateTimeOffset Time, IReadOnlyList<MetricSample> Samples, LogBaseline? Logs)
{
    /// <summary>The name under which it is captured in the journal.</summary>
    internal const string CaptureName = "check-in";

    /// <summary>The version of DeployOps that made it; null where that did not say.</summary>
    public string? ModuleVersion { get; init; }
}
