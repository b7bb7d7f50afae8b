using DeployOps.Adapters.GitHub;
using DeployOps.Adapters.MariaDb;
using DeployOps.Adapters.Metrics;
using DeployOps.Adapters.Notices;
using DeployOps.Adapters.Operations;
using DeployOps.Adapters.PostgreSql;
using DeployOps.Adapters.Scrape;
using DeployOps.Adapters.Sqlite;
using DeployOps.Adapters.Yarp;
using DeployOps.Health;
using DeployOps.Health.Metrics;
using DeployOps.Incidents;
using DeployOps.Migrations;
using DeployOps.Notices;
using DeployOps.Operations;
using DeployOps.Rollouts;

namespace DeployOps.Adapters;

/// <summary>Opens what a plan names: the only public type of this assembly, found by its name.</summary>
/// <param name="timeProvider">The clock of every time limit.</param>
#pragma warning disable MA0049 // It is all there is to see of this assembly, so both have the one name.
public sealed class Adapters(TimeProvider timeProvider) : IAdapters, IDisposable
#pragma warning restore MA0049
{
    private readonly HttpAsker asker = new(timeProvider);

    // An answer that leads elsewhere is no success: the body and its signature are for the address of the plan.
    private readonly HttpClient poster = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseKindUnknown</c>.</exception>
    public IDatabase OpenDatabase(DatabaseSpec database)
    {
        ArgumentNullException.ThrowIfNull(database);
        return database.Kind switch
        {
            "Sqlite" => new SqliteDatabase(database, timeProvider),
            "PostgreSql" => new PostgreSqlDatabase(database, timeProvider),
            "MariaDb" => new MariaDbDatabase(database, timeProvider),
            _ => throw Unknown("DatabaseKindUnknown", "database", database.Kind, KnownKinds.Databases),
        };
    }

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>RouterKindUnknown</c>.</exception>
    public IRouter OpenRouter(RouterSpec router)
    {
        ArgumentNullException.ThrowIfNull(router);
        return router.Kind == "Yarp"
            ? new YarpRouter(router, asker, timeProvider)
            : throw Unknown("RouterKindUnknown", "router", router.Kind, KnownKinds.Routers);
    }

    /// <inheritdoc/>
    public IMetricSource OpenMetrics() => new MetricSources(new Dictionary<string, IMetricSource>(StringComparer.Ordinal)
    {
        ["Scrape"] = new ScrapeSource(asker, timeProvider),
        ["Sql"] = new QuerySource(OpenDatabase, timeProvider),
    });

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>IncidentKindUnknown</c>.</exception>
    public IIncidentSource OpenIncidents(IncidentSpec incidents)
    {
        ArgumentNullException.ThrowIfNull(incidents);
        return incidents.Kind switch
        {
            "File" => new FreezeFile(incidents, timeProvider),
            "GitHub" => new GitHubIncidents(incidents),
            _ => throw Unknown("IncidentKindUnknown", "incident", incidents.Kind, KnownKinds.Incidents),
        };
    }

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>NoticeKindUnknown</c>.</exception>
    public INoticeChannel OpenChannel(NoticeSpec channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        return channel.Kind switch
        {
            "Webhook" => new WebhookChannel(channel, poster, timeProvider),
            "Mail" => new MailChannel(channel.Mail!, timeProvider),
            "GitHub" => new GitHubDeployments(channel.GitHub!, timeProvider),
            _ => throw Unknown("NoticeKindUnknown", "notice", channel.Kind, KnownKinds.Notices),
        };
    }

    /// <inheritdoc/>
    public IOperationsLog OpenOperationsLog(OperationsFile file) => new OperationsLog(file);

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        asker.Dispose();
        poster.Dispose();
    }

    private static DeployOpsException Unknown(string errorId, string noun, string kind, IReadOnlyList<string> known) => new(
        errorId,
        FaultKind.InvalidData,
        $"The {noun} kind '{kind}' cannot be opened.",
        $"Expected {string.Join(" or ", known)}.");
}
