using DeployOps.Gates;
using DeployOps.Health;

namespace DeployOps.Rollouts;

/// <summary>
/// Asks through the router, each time on a new connection, which version answers. All answers must be the expected version: a single other one means
/// that users still reach it, so there is no second try that a mixture could win by chance.
/// </summary>
public sealed class ServedVersionGate(HttpAsker asker, TimeProvider timeProvider)
{
    /// <summary>How many answers are asked for by default: a destination with a fifth of the traffic is missed once in three times, one with half once in thirty.</summary>
    public const int DefaultAnswers = 5;

    private readonly InstanceProbe probe = new(asker, timeProvider);

    /// <summary>Asks.</summary>
    /// <param name="rollout">Names the router's address and the path that answers the version.</param>
    /// <param name="expected">The version that must answer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="answers">How many answers; 1 or more.</param>
    public async Task<GateResult> AskAsync(RolloutSpec rollout, string expected, CancellationToken cancellationToken, int answers = DefaultAnswers)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        var served = new List<ServedVersion>();
        for (var i = 0; i < answers; i++)
        {
            served.Add(await probe.VersionAsync(rollout.Router.Uri, rollout.Version, cancellationToken));
        }

        var right = served.Count(answer => answer.Version == expected);
        const string Name = "version through the edge";
        return right == answers
            ? GateResult.Pass(Name, $"{right} of {answers} answers are {expected}")
            : GateResult.Fail(Name, $"{right} of {answers} answers are {expected}; others: {string.Join(", ", served.Where(answer => answer.Version != expected).Distinct())}");
    }
}
