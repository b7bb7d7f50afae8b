using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Incidents;
using DeployOps.Migrations;
using DeployOps.Notices;
using DeployOps.Operations;
using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Support;

/// <summary>Opens the shop and its database whatever the plan names, but for databases of their own by their names.</summary>
internal sealed class FakeAdapters(FakeShop shop, FakeDatabase database, IMetricSource? metrics = null, IIncidentSource? incidents = null, IReadOnlyDictionary<string, FakeChannel>? channels = null, IReadOnlyDictionary<string, FakeDatabase>? others = null) : IAdapters
{
    public IDatabase OpenDatabase(DatabaseSpec spec)
    {
        var opened = others?.GetValueOrDefault(spec.Name) ?? database;
        opened.Opened.Enqueue(spec);
        return opened;
    }

    public IRouter OpenRouter(RouterSpec router) => shop;

    public IMetricSource OpenMetrics() => metrics ?? throw new NotSupportedException("no test measures");

    public IIncidentSource OpenIncidents(IncidentSpec spec) => incidents ?? throw new NotSupportedException("no test asks");

    public INoticeChannel OpenChannel(NoticeSpec spec) => channels?.GetValueOrDefault(spec.Name) ?? throw new NotSupportedException("no test tells");

    public IOperationsLog OpenOperationsLog(OperationsFile file) => throw new NotSupportedException("only cmdlets keep it");
}
