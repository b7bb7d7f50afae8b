namespace DeployOps.Rollouts;

/// <summary>What a router routes by.</summary>
/// <param name="Revision">The configuration's revision.</param>
/// <param name="Destinations">By instance name.</param>
public sealed record RouterState(string Revision, IReadOnlyDictionary<string, RouterDestination> Destinations);
