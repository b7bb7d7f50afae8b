using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Incidents;
using DeployOps.Migrations;
using DeployOps.Notices;
using DeployOps.Operations;
using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Support;

/// <summary>Opens the shop and its database whatever the plan names.</summary>
internal sealed class FakeAdapters(FakeShop shop, FakeDatabase database, IMetricSource? metrics = null, IIncidentSource? incidents = null, IReadOnlyDictionary<string, FakeChannel>? channels = null) : IAdapters
{
    public IDatabase OpenDatabase(DatabaseSpec spec)
    {
        database.Opened.Enqueue(spec);
        return database;
    }

    public IRouter OpenRouter(RouterSpec router) => shop;

    public IMetricSource OpenMetrics() => metrics ?? throw new NotSupportedException("no test measures");

    public IIncidentSource OpenIncidents(IncidentSpec spec) => incidents ?? throw new NotSupportedException("no test asks");

    public INoticeChannel OpenChannel(NoticeSpec spec) => channels?.GetValueOrDefault(spec.Name) ?? throw new NotSupportedException("no test tells");

    public IOperationsLog OpenOperationsLog(OperationsFile file) => throw new NotSupportedException("only cmdlets keep it");
}
