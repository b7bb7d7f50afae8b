using DeployOps.Gates;

namespace DeployOps.Rollouts;

/// <summary>
/// Asks through the router, each time on a new connection, which version answers. All answers must be the expected version: a single other one means
/// that users still reach it, so there is no second try that a mixture could win by chance.
/// </summary>
public sealed class ServedVersionGate(InstanceProbe probe)
{
    /// <summary>How many answers are asked for by default.</summary>
    public const int DefaultAnswers = 5;

    /// <summary>Asks.</summary>
    /// <param name="router">The address users reach.</param>
    /// <param name="path">The path that answers the version.</param>
    /// <param name="expected">The version that must answer.</param>
    /// <param name="answers">How many answers; 1 or more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GateResult> AskAsync(Uri router, string path, string expected, int answers, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        var served = new List<ServedVersion>();
        for (var i = 0; i < answers; i++)
        {
            served.Add(await probe.VersionAsync(router, path, cancellationToken));
        }

        var right = served.Count(answer => answer.Version == expected);
        var others = string.Join(", ", served.Where(answer => answer.Version != expected).Distinct());
        const string Name = "version through the router";
        return right == answers
            ? GateResult.Pass(Name, $"{right} of {answers} answers are {expected}")
            : GateResult.Fail(Name, $"{right} of {answers} answers are {expected}; others: {others}");
    }
}
