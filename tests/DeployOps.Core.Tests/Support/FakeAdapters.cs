using DeployOps.Health;
using DeployOps.Incidents;
using DeployOps.Migrations;
using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Support;

/// <summary>Opens the shop and its database whatever the plan names.</summary>
internal sealed class FakeAdapters(FakeShop shop, FakeDatabase database, IMetricSource? metrics = null, IIncidentSource? incidents = null) : IAdapters
{
    public IDatabase OpenDatabase(DatabaseSpec spec) => database;

    public IRouter OpenRouter(RouterSpec router) => shop;

    public IMetricSource OpenMetrics() => metrics ?? throw new NotSupportedException("no test measures");

    public IIncidentSource OpenIncidents(IncidentSpec spec) => incidents ?? throw new NotSupportedException("no test asks");
}
