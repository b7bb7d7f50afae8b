namespace DeployOps.Rollouts;

/// <summary>One destination of a router.</summary>
/// <param name="Address">Where requests go.</param>
/// <param name="Weight">Its share; 0 gets no new request.</param>
/// <param name="InFlight">Requests that have begun and not ended.</param>
public sealed record RouterDestination(Uri Address, int Weight, int InFlight);
