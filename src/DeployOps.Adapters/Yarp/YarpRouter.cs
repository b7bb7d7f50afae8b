using System.Globalization;
using DeployOps.Health;
using DeployOps.Rollouts;

namespace DeployOps.Adapters.Yarp;

/// <summary>
/// A YARP edge that reads its configuration from a JSON file, takes weights from its destinations' metadata, and tells at <c>/_edge/state</c> what it routes by.
/// A change is one atomic replacement of the file, and is done when the edge is seen to route by it.
/// </summary>
internal sealed class YarpRouter(RouterSpec spec, HttpAsker asker, TimeProvider timeProvider) : IRouter
{
    private const int StateLimit = 1024 * 1024;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ServedDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly Uri state = new(spec.Uri, "/_edge/state");

    public async Task<RouterState> ReadAsync(CancellationToken cancellationToken)
    {
        var answer = await asker.GetAsync(state, AnswerTimeout, StateLimit, cancellationToken);
        return answer.IsOk ? EdgeState.Read(answer.Body, spec.Cluster, HttpAsker.Show(state)) : throw Unreachable(answer.Words);
    }

    public async Task SetWeightsAsync(IReadOnlyDictionary<string, int> weights, CancellationToken cancellationToken)
    {
        if (weights.FirstOrDefault(weight => weight.Value < 0) is { Key: not null } negative)
        {
            throw new ArgumentOutOfRangeException(nameof(weights), $"The weight of '{negative.Key}' is {negative.Value}; it must be 0 or more.");
        }

        var configuration = EdgeConfiguration.Read(spec.Path, spec.Cluster);
        var isInFile = configuration.Has(weights);
        var served = await ReadAsync(cancellationToken);
        if (isInFile && served.Revision == configuration.Revision && Difference(served, weights) is null)
        {
            return;
        }

        var revision = NewRevision();
        EdgeFile.Replace(spec.Path, configuration.With(weights, revision));
        await WaitUntilServedAsync(weights, revision, cancellationToken);
    }

    private async Task WaitUntilServedAsync(IReadOnlyDictionary<string, int> weights, string revision, CancellationToken cancellationToken)
    {
        var began = timeProvider.GetTimestamp();
        while (true)
        {
            DeployOpsException fault;
            try
            {
                var served = await ReadAsync(cancellationToken);
                var difference = served.Revision == revision ? Difference(served, weights) : $"it serves revision '{served.Revision}'";
                if (difference is null)
                {
                    return;
                }

                fault = NotServed(revision, difference);
            }
            catch (DeployOpsException e)
            {
                // An edge that just takes up a configuration may miss one answer; at the deadline this is the fault.
                fault = e;
            }

            if (timeProvider.GetElapsedTime(began) + Poll > ServedDeadline)
            {
                throw fault;
            }

            await Task.Delay(Poll, timeProvider, cancellationToken);
        }
    }

    private static string? Difference(RouterState served, IReadOnlyDictionary<string, int> weights)
    {
        foreach (var (instance, weight) in weights)
        {
            if (!served.Destinations.TryGetValue(instance, out var destination))
            {
                return $"it does not route to '{instance}'";
            }

            if (destination.Weight != weight)
            {
                return $"it gives '{instance}' weight {destination.Weight}, not {weight}";
            }
        }

        return null;
    }

    private string NewRevision() =>
        string.Create(CultureInfo.InvariantCulture, $"{timeProvider.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{Guid.NewGuid():N}");

    private DeployOpsException Unreachable(string reason) => new(
        "RouterUnreachable",
        FaultKind.Failed,
        $"The router does not tell its state at {HttpAsker.Show(state)}: {reason}.",
        "Check that the edge runs, that Rollout.Router.Uri is its address, and that it answers /_edge/state: Get-Help about_DeployOps_Plan, THE ROUTER.");

    private DeployOpsException NotServed(string revision, string difference) => new(
        "RouterChangeNotServed",
        FaultKind.Timeout,
        $"The router's configuration {spec.Path} holds revision '{revision}', and after {ServedDeadline.TotalSeconds:0} s the edge does not route by it: {difference}.",
        "Check the edge's own log; it may have refused the file.");
}
