using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace Shop.Edge;

/// <summary>
/// Where requests go under one revision of the configuration, and how many are on their way to a destination but not yet counted as in
/// flight there. Destinations change together here, while YARP changes them one by one: read from YARP in between, every weight could be 0.
/// </summary>
internal sealed class EdgeRevision
{
    private readonly Dictionary<string, WeightedWheel<DestinationState>> _wheels = new(StringComparer.OrdinalIgnoreCase);
    private int _choosing;

    /// <summary>Takes the destinations of a configuration that YARP has applied.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="find">Finds YARP's state of a cluster.</param>
    public EdgeRevision(IProxyConfig config, Func<string, ClusterState> find)
    {
        Name = config.RevisionId;
        foreach (var cluster in config.Clusters)
        {
            var known = find(cluster.ClusterId).Destinations;
            var destinations = (cluster.Destinations ?? new Dictionary<string, DestinationConfig>())
                .Select(pair => new EdgeDestination(pair.Key, pair.Value.Address, DestinationWeight.Read(pair.Key, pair.Value), known[pair.Key]))
                .ToArray();
            Clusters[cluster.ClusterId] = destinations;
            _wheels[cluster.ClusterId] = new WeightedWheel<DestinationState>(destinations.Select(destination => (destination.State, destination.Weight)));
        }
    }

    /// <summary>The revision as the file names it.</summary>
    public string Name { get; }

    /// <summary>The destinations by cluster.</summary>
    public Dictionary<string, IReadOnlyList<EdgeDestination>> Clusters { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether no request is about to be sent by this revision.</summary>
    public bool IsQuiet => Volatile.Read(ref _choosing) == 0;

    /// <summary>A request begins to be routed by this revision.</summary>
    public void Enter() => Interlocked.Increment(ref _choosing);

    /// <summary>The request is in flight at its destination, or went nowhere.</summary>
    public void Leave() => Interlocked.Decrement(ref _choosing);

    /// <summary>Chooses a destination; null where none of the cluster has a weight.</summary>
    public DestinationState? Choose(string cluster) =>
        _wheels.TryGetValue(cluster, out var wheel) && wheel.TryNext(out var destination) ? destination : null;
}
