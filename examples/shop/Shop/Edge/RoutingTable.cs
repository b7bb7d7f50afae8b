using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;

namespace Shop.Edge;

/// <summary>
/// Knows the revision that requests are routed by. A new revision is reported only when no request is left that chose its destination by
/// an older one and is not yet counted as in flight: whoever reads revision and counts can then trust that a count of 0 stays 0.
/// </summary>
internal sealed class RoutingTable(IServiceProvider services, ILogger<RoutingTable> logger) : IConfigChangeListener
{
    private readonly Lock _turn = new();
    private readonly List<EdgeRevision> _older = [];
    private volatile EdgeRevision? _current;
    private string _reported = "";

    /// <summary>The destinations that requests are routed to.</summary>
    public EdgeRevision Current => _current ?? throw new InvalidOperationException("No configuration has been applied.");

    /// <summary>Ties a request to the current revision.</summary>
    public RoutingTicket Enter()
    {
        while (true)
        {
            var revision = Current;
            revision.Enter();
            if (ReferenceEquals(revision, _current))
            {
                return new RoutingTicket(revision);
            }

            revision.Leave();
        }
    }

    /// <summary>The revision that all requests follow, and its destinations.</summary>
    public (string Revision, EdgeRevision Routing) Read()
    {
        lock (_turn)
        {
            _older.RemoveAll(revision => revision.IsQuiet);
            if (_older.Count == 0)
            {
                _reported = Current.Name;
            }

            return (_reported, Current);
        }
    }

    /// <inheritdoc/>
    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        // YARP makes its state and its listeners together, so the one is asked for only when the other is at work.
        var state = services.GetRequiredService<IProxyStateLookup>();
        var next = new EdgeRevision(proxyConfigs[0], id => state.TryGetCluster(id, out var cluster) ? cluster : throw new InvalidOperationException($"YARP does not know cluster {id}."));
        lock (_turn)
        {
            if (_current is { } old)
            {
                _older.Add(old);
            }

            _current = next;
        }

        logger.LogInformation("Requests are routed by revision {Revision}.", next.Name);
    }

    /// <inheritdoc/>
    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception) =>
        logger.LogError(exception, "The configuration did not load.");

    /// <inheritdoc/>
    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception) =>
        logger.LogError("Revision {Revision} was refused: {Reason} Requests stay with the old one.", proxyConfigs[0].RevisionId, exception.Message);

    /// <inheritdoc/>
    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }
}
