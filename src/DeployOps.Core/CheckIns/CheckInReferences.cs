using DeployOps.Plans;
using DeployOps.Secrets;

namespace DeployOps.CheckIns;

/// <summary>What check-ins need of an environment that a scheduler does not give them. Pure.</summary>
internal static class CheckInReferences
{
    /// <summary>The variables without which no check-in could be made, or a metric never be measured.</summary>
    internal static IReadOnlyList<PlanUse> Needed(DeploymentPlan plan, IEnumerable<PlanUse> uses)
    {
        var asked = plan.Monitoring?.Metrics.Select(metric => metric.Database?.Name).OfType<string>().ToHashSet(StringComparer.Ordinal) ?? [];
        var databases = plan.Databases.Select((database, place) => (database.Name, Key: $"Databases[{place}]")).Where(database => asked.Contains(database.Name)).Select(database => database.Key).ToList();

        return [.. Variables(uses).Where(use => !SparedSections.CheckingIn.Contains(Section(use)) || databases.Exists(key => use.Key.StartsWith($"{key}.", StringComparison.Ordinal)))];
    }

    /// <summary>The variables without which a channel tells nobody what check-ins find.</summary>
    internal static IReadOnlyList<PlanUse> OfChannels(IEnumerable<PlanUse> uses) => [.. Variables(uses).Where(use => Section(use) == "Notices")];

    private static IEnumerable<PlanUse> Variables(IEnumerable<PlanUse> uses) => uses.Where(use => use.Reference.Kind == SecretKind.Environment);

    private static string Section(PlanUse use) => use.Key.Split('.', '[')[0];
}
