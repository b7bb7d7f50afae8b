using DeployOps.Health;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Health</c>.</summary>
internal static class HealthBinder
{
    /// <summary>What must be well before the window opens.</summary>
    public static HealthSpec Bind(PlanSection plan)
    {
        var section = plan.Table("Health", required: false, ["Probes", "Incidents"]);
        if (section is null)
        {
            return new HealthSpec();
        }

        var probes = section.Tables("Probes", required: false, ["Name", "Uri", "Consecutive", "Interval", "Timeout"])
            .Select(probe => (Section: probe, Spec: BindProbe(probe)))
            .ToList();
        probes.ConvertAll(probe => (probe.Section, probe.Spec.Name)).RequireUnique("Name");
        return new HealthSpec { Probes = probes.ConvertAll(probe => probe.Spec), Incidents = IncidentBinder.Bind(section) };
    }

    private static ProbeSpec BindProbe(PlanSection section)
    {
        var spec = new ProbeSpec { Name = section.Title("Name", required: true) ?? "", Uri = section.Address("Uri")! };
        return spec with
        {
            Consecutive = section.Count("Consecutive", spec.Consecutive, 1, 100),
            Interval = section.Duration("Interval", spec.Interval, PlanLimits.Moment, PlanLimits.Hour),
            Timeout = section.Duration("Timeout", spec.Timeout, PlanLimits.Moment, PlanLimits.Hour),
        };
    }
}
