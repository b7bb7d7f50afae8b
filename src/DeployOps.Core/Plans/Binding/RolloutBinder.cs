using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Rollout</c>.</summary>
internal static class RolloutBinder
{
    private const int MostInBatch = 1000;

    private static readonly string[] Known =
    [
        "Strategy", "Deploy", "DeployTimeout", "DrainTimeout", "HealthTimeout", "Consecutive", "Soak", "Batch", "Router", "Instances", "Health", "Version",
    ];

    /// <summary>How instances and traffic change, or null where the plan says nothing of it.</summary>
    public static RolloutSpec? Bind(PlanSection plan)
    {
        var section = plan.Table("Rollout", required: false, Known);
        if (section is null)
        {
            return null;
        }

        var strategy = section.Choice<RolloutStrategy>("Strategy", required: true, "Recreate", "Canary");
        var spec = new RolloutSpec
        {
            Strategy = strategy ?? default,
            Deploy = section.ApprovedFile("Deploy", required: true) ?? "",
            Router = BindRouter(section),
            Instances = BindInstances(section, strategy),
        };
        spec = spec with
        {
            DeployTimeout = section.Duration("DeployTimeout", spec.DeployTimeout, PlanLimits.Moment, PlanLimits.Day),
            DrainTimeout = section.Duration("DrainTimeout", spec.DrainTimeout, TimeSpan.Zero, PlanLimits.Day),
            HealthTimeout = section.Duration("HealthTimeout", spec.HealthTimeout, PlanLimits.Moment, PlanLimits.Day),
            Consecutive = section.Count("Consecutive", spec.Consecutive, 1, 100),
            Soak = section.Duration("Soak", spec.Soak, TimeSpan.Zero, PlanLimits.Day),
            Batch = section.Count("Batch", spec.Batch, 1, MostInBatch),
            Health = section.AddressPath("Health", spec.Health),
            Version = section.AddressPath("Version", spec.Version),
        };
        switch (strategy)
        {
            case RolloutStrategy.BlueGreen:
                RequireTwoPools(section, spec.Instances);
                break;
            case RolloutStrategy.Rolling:
                RequireRest(section, spec);
                break;
            default:
                break;
        }

        return spec;
    }

    private static RouterSpec BindRouter(PlanSection rollout)
    {
        var section = rollout.Table("Router", required: true, ["Kind", "Path", "Cluster", "Uri"]);
        return section is null
            ? new RouterSpec { Kind = "", Path = "", Cluster = "", Uri = null! }
            : new RouterSpec
            {
                Kind = section.Kind(KnownKinds.Routers) ?? "",
                Path = section.LiveFile("Path") ?? "",
                Cluster = section.Title("Cluster", required: true) ?? "",
                Uri = section.Address("Uri")!,
            };
    }

    private static IReadOnlyList<InstanceSpec> BindInstances(PlanSection rollout, RolloutStrategy? strategy)
    {
        var sections = rollout.Tables("Instances", required: true, ["Name", "Pool", "Uri"]);
        var instances = sections
            .Select(section => (Section: section, Spec: new InstanceSpec
            {
                Name = section.SafeNameOf("Name") ?? "",
                // Where the strategy could not be read, that mistake is told and no pool is missed.
                Pool = strategy is RolloutStrategy.BlueGreen || section.Has("Pool") ? section.SafeNameOf("Pool") ?? "" : "",
                Uri = section.Address("Uri")!,
            }))
            .ToList();
        instances.ConvertAll(instance => (instance.Section, instance.Spec.Name)).RequireUnique("Name");
        instances.ConvertAll(instance => (instance.Section, instance.Spec.Uri?.AbsoluteUri ?? "")).RequireUnique("Uri");
        return instances.ConvertAll(instance => instance.Spec);
    }

    private static void RequireRest(PlanSection rollout, RolloutSpec spec)
    {
        if (spec.Instances.Count > 0 && spec.Batch >= spec.Instances.Count)
        {
            rollout.Report(rollout.Has("Batch") ? "Batch" : "Instances", $"a batch of {spec.Batch} out of {spec.Instances.Count} would leave no instance that serves: expected more instances than a batch has.");
        }
    }

    private static void RequireTwoPools(PlanSection rollout, IReadOnlyList<InstanceSpec> instances)
    {
        if (rollout.Has("Batch"))
        {
            rollout.Report("Batch", "does not belong to Strategy 'BlueGreen', which moves all traffic at once.");
        }

        // Where a pool could not be read, the mistake was told and the count means nothing.
        if (instances.Count == 0 || instances.Any(instance => instance.Pool.Length == 0))
        {
            return;
        }

        var pools = instances.Select(instance => instance.Pool).Distinct(StringComparer.Ordinal).ToList();
        if (pools.Count != 2 || pools[0].Equals(pools[1], StringComparison.OrdinalIgnoreCase))
        {
            // Two names that differ in case alone are one that was mistyped.
            rollout.Report("Instances", $"have {(pools.Count == 1 ? "one pool" : $"{pools.Count} pools")} ({string.Join(", ", pools)}): BlueGreen needs exactly two pools with at least one instance each.");
        }
    }
}
