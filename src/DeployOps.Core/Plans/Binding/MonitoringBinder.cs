using DeployOps.Health;
using DeployOps.Migrations;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Monitoring</c>.</summary>
internal static class MonitoringBinder
{
    /// <summary>What is watched afterwards, or null where the plan watches nothing.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="databases">The plan's databases, which queries ask.</param>
    public static MonitoringSpec? Bind(PlanSection plan, IReadOnlyList<DatabaseSpec> databases)
    {
        var section = plan.Table("Monitoring", required: false, ["Duration", "Interval", "Baseline", "Looks", "Metrics", "Logs"]);
        if (section is null)
        {
            return null;
        }

        var usual = new MonitoringSpec();
        var duration = section.Duration("Duration", usual.Duration, TimeSpan.FromSeconds(1), PlanLimits.Day);
        var baseline = section.Duration("Baseline", usual.Baseline, TimeSpan.Zero, PlanLimits.Day);
        return new MonitoringSpec
        {
            Duration = duration,

            // The usual minute would be too long for a watch of some seconds that names no interval of its own.
            Interval = section.Duration("Interval", Min(usual.Interval, duration), TimeSpan.FromMilliseconds(100), duration),
            Baseline = baseline,
            Looks = section.Count("Looks", usual.Looks, 1, 100),
            Metrics = MetricBinder.Bind(section, databases, hasBaseline: baseline > TimeSpan.Zero),
            Logs = section.LogPatterns("Logs"),
        };
    }

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;
}
