namespace DeployOps.Rollouts;

/// <summary>A router that spreads requests over instances by weight.</summary>
public interface IRouter
{
    /// <summary>Reads what the router routes by now.</summary>
    /// <exception cref="DeployOpsException"><c>RouterUnreachable</c>, <c>RouterStateInvalid</c>.</exception>
    Task<RouterState> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Sets these weights in one atomic change and returns when the router is seen to route by them. Instances that are not named keep theirs.</summary>
    /// <param name="weights">Weight by instance name; 0 gets no new request.</param>
    /// <param name="cancellationToken">Gives up waiting; the change may have been made.</param>
    /// <exception cref="DeployOpsException"><c>RouterUnreachable</c>, <c>RouterChangeNotServed</c>, <c>RouterConfigurationInvalid</c>.</exception>
    Task SetWeightsAsync(IReadOnlyDictionary<string, int> weights, CancellationToken cancellationToken);
}
