using DeployOps.CheckIns;
using DeployOps.Plans.Syntax;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Plans.Binding;

/// <summary>Turns a plan's data into what was agreed. Each section has its own binder.</summary>
internal static class PlanBinder
{
    private static readonly string[] Known =
        ["Service", "Environment", "Release", "Runbook", "Team", "Notices", "Window", "Health", "Databases", "Configuration", "Rollout", "Smoke", "Monitoring", "ExtendedMonitoring", "Rollback", "Files"];

    /// <summary>The plan; only to be used where no mistake was reported. Null where there is no table at all.</summary>
    public static DeploymentPlan? Bind(PlanBinding binding, PlanNode root)
    {
        if (root is not PlanTable table)
        {
            if (root is not PlanRefused)
            {
                binding.Report(root.Position, "", "expected the plan's table, @{ … }.");
            }

            return null;
        }

        var section = new PlanSection(binding, table, "", Known);
        var databases = DatabaseBinder.Bind(section);
        return new DeploymentPlan
        {
            Path = binding.Path,
            Service = section.SafeNameOf("Service") ?? "",
            Environment = section.SafeNameOf("Environment") ?? "",
            Release = BindRelease(section),
            Runbook = section.ApprovedFile("Runbook"),
            Team = BindTeam(section),
            Notices = NoticeBinder.Bind(section),
            Window = BindWindow(section),
            Health = HealthBinder.Bind(section),
            Databases = databases,
            Configuration = ConfigurationBinder.Bind(section),
            Rollout = RolloutBinder.Bind(section),
            Smoke = section.ApprovedFiles("Smoke"),
            Monitoring = MonitoringBinder.Bind(section, databases),
            ExtendedMonitoring = BindExtended(section),
            Rollback = BindRollback(section),
            Files = section.ApprovedFiles("Files"),
        };
    }

    private static string BindRelease(PlanSection plan)
    {
        var release = plan.SafeNameOf("Release", plus: true);
        if (DeployRequest.Stopped.Equals(release, StringComparison.OrdinalIgnoreCase))
        {
            plan.Wrong("Release", plan.Node("Release")!, "is what the deploy script is told to stop an instance; expected another version.");
        }

        return release ?? "";
    }

    private static TeamSpec BindTeam(PlanSection plan)
    {
        var section = plan.Table("Team", required: false, ["Lead", "Executor", "Monitor", "Communicator"]);
        return section is null
            ? new TeamSpec()
            : new TeamSpec
            {
                Lead = section.Title("Lead"),
                Executor = section.Title("Executor"),
                Monitor = section.Title("Monitor"),
                Communicator = section.Title("Communicator"),
            };
    }

    private static WindowSpec BindWindow(PlanSection plan)
    {
        var usual = new WindowSpec();
        var section = plan.Table("Window", required: false, ["Duration"]);
        return section is null
            ? usual
            : new WindowSpec { Duration = section.Duration("Duration", usual.Duration, PlanLimits.Moment, TimeSpan.FromDays(7)) };
    }

    private static ExtendedMonitoringSpec? BindExtended(PlanSection plan)
    {
        var usual = new ExtendedMonitoringSpec();
        return plan.Table("ExtendedMonitoring", required: false, ["Duration", "Every"]) is { } section
            ? new ExtendedMonitoringSpec
            {
                Duration = section.Duration("Duration", usual.Duration, ExtendedMonitoringSpec.Shortest, ExtendedMonitoringSpec.LongestDuration),
                Every = section.Duration("Every", usual.Every, ExtendedMonitoringSpec.Shortest, ExtendedMonitoringSpec.LongestInterval),
            }
            : null;
    }

    private static RollbackSpec BindRollback(PlanSection plan)
    {
        var usual = new RollbackSpec();
        var section = plan.Table("Rollback", required: false, ["When", "Database", "Configuration"]);
        if (section is null)
        {
            return usual;
        }

        var rollback = new RollbackSpec
        {
            When = section.Choice<RollbackTrigger>("When", required: false) ?? usual.When,
            Database = section.Choice<DatabaseRollback>("Database", required: false) ?? usual.Database,
            Configuration = section.Choice<ConfigurationRollback>("Configuration", required: false) ?? usual.Configuration,
        };
        if (rollback is { Database: DatabaseRollback.Restore, When: not RollbackTrigger.Never })
        {
            section.Warn("Database", "'Restore': going back by itself brings the traffic back and restores only where nothing was written since the backup; else the database waits for a person.");
        }

        return rollback;
    }
}
