using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Incidents;
using DeployOps.Migrations;
using DeployOps.Notices;
using DeployOps.Operations;
using DeployOps.Rollouts;

namespace DeployOps;

/// <summary>What talks to the world through packages, behind the isolated load context. The plan names kinds; this opens them.</summary>
public interface IAdapters
{
    /// <summary>Opens a database of a known kind. Connecting may wait until first use.</summary>
    IDatabase OpenDatabase(DatabaseSpec database);

    /// <summary>Opens a router of a known kind.</summary>
    IRouter OpenRouter(RouterSpec router);

    /// <summary>Opens the sources of metrics.</summary>
    IMetricSource OpenMetrics();

    /// <summary>Opens a source of incidents of a known kind.</summary>
    IIncidentSource OpenIncidents(IncidentSpec incidents);

    /// <summary>Opens a channel of a known kind.</summary>
    INoticeChannel OpenChannel(NoticeSpec channel);

    /// <summary>Opens the operations log. Nothing is written before the first event.</summary>
    IOperationsLog OpenOperationsLog(OperationsFile file);
}
