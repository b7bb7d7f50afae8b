using DeployOps.Backups.Folders;
using DeployOps.CheckIns;
using DeployOps.Health;
using DeployOps.Migrations;
using DeployOps.Notices;
using DeployOps.Rollbacks;
using DeployOps.Rollouts;
using DeployOps.Windows;

namespace DeployOps.Plans;

/// <summary>
/// What was agreed: the whole release as data, read from a <c>.psd1</c> file. Paths are absolute, references
/// (<c>env:</c>, <c>file:</c>, <c>secret:</c>) are resolved and known to the redactor, so a plan in memory is never shown or stored as it is.
/// </summary>
public sealed record DeploymentPlan
{
    /// <summary>The full path of the plan file.</summary>
    public required string Path { get; init; }

    /// <summary>The service that is released: letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, at most 64.</summary>
    public required string Service { get; init; }

    /// <summary>Where it is released to; the same alphabet as <see cref="Service"/>.</summary>
    public required string Environment { get; init; }

    /// <summary>The version that instances serve when the release is done.</summary>
    public required string Release { get; init; }

    /// <summary>The full path of the script that may start the window, or null where the plan names none.</summary>
    public string? Runbook { get; init; }

    /// <summary>Who does what.</summary>
    public TeamSpec Team { get; init; } = new();

    /// <summary>The channels on which people are told how it goes.</summary>
    public IReadOnlyList<NoticeSpec> Notices { get; init; } = [];

    /// <summary>How long the window is open.</summary>
    public WindowSpec Window { get; init; } = new();

    /// <summary>What must be well before anything changes.</summary>
    public HealthSpec Health { get; init; } = new();

    /// <summary>The databases to back up and migrate, in order.</summary>
    public IReadOnlyList<DatabaseSpec> Databases { get; init; } = [];

    /// <summary>The folders of settings to back up, in order.</summary>
    public IReadOnlyList<ConfigurationSpec> Configuration { get; init; } = [];

    /// <summary>How instances and traffic change, or null where the release has none.</summary>
    public RolloutSpec? Rollout { get; init; }

    /// <summary>The full paths of the smoke files, sorted; patterns are already expanded.</summary>
    public IReadOnlyList<string> Smoke { get; init; } = [];

    /// <summary>What is watched afterwards, or null where the plan watches nothing.</summary>
    public MonitoringSpec? Monitoring { get; init; }

    /// <summary>How the release is looked after once its window is complete, or null where the plan wants no check-ins.</summary>
    public ExtendedMonitoringSpec? ExtendedMonitoring { get; init; }

    /// <summary>When and how far to go back.</summary>
    public RollbackSpec Rollback { get; init; } = new();

    /// <summary>The full paths of further files that the approval covers, sorted; patterns are already expanded.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The names and paths that the execution log is read back by: no secret is masked in them.</summary>
    internal LogTexts Texts { get; init; } = LogTexts.None;
}
