using Yarp.ReverseProxy.Model;

namespace Shop.Edge;

/// <summary>One destination under one revision.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="Address">Where its requests go.</param>
/// <param name="Weight">Its share; 0 gets nothing.</param>
/// <param name="State">YARP's own state of it, which counts the requests in flight.</param>
internal sealed record EdgeDestination(string Name, string Address, int Weight, DestinationState State);
