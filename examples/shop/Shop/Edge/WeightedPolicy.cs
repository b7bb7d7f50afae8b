using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.LoadBalancing;
using Yarp.ReverseProxy.Model;

namespace Shop.Edge;

/// <summary>Chooses a destination by the weight in its metadata, smoothly; a weight of 0 gets nothing.</summary>
internal sealed class WeightedPolicy : ILoadBalancingPolicy
{
    /// <inheritdoc/>
    public string Name => "Weighted";

    /// <inheritdoc/>
    public DestinationState? PickDestination(HttpContext context, ClusterState cluster, IReadOnlyList<DestinationState> availableDestinations) =>
        context.Features.GetRequiredFeature<RoutingTicket>().Revision.Choose(cluster.ClusterId);
}
