using System.Globalization;
using DeployOps.Gates;
using DeployOps.Health;

namespace DeployOps.Rollouts;

/// <summary>
/// Asks through the router, each time on a new connection, while two versions serve side by side: the expected one must be among the answers, and no third.
/// On the way back an instance that is ill may answer without a version: that is why it goes back.
/// It is asked until it was seen, at most as often as makes missing it by chance as unlikely as one in ten thousand.
/// </summary>
public sealed class MixedVersionsGate(HttpAsker asker, TimeProvider timeProvider)
{
    private const double Missed = 1e-4;

    /// <summary>More answers than this are not asked for: of an instance with less than a hundredth of the traffic, weights and its own answer have to do.</summary>
    private const int MostAnswers = 1000;

    private readonly InstanceProbe probe = new(asker, timeProvider);

    /// <summary>Asks.</summary>
    /// <param name="rollout">Names the router's address and the path that answers the version.</param>
    /// <param name="expected">The version that must be among the answers.</param>
    /// <param name="beside">The other one that may.</param>
    /// <param name="share">The least share of the traffic that serves the expected version; more than 0, at most 1.</param>
    /// <param name="isBack">True where answers without a version count for nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GateResult> AskAsync(RolloutSpec rollout, string expected, string beside, double share, bool isBack, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        const string Name = "versions through the edge";
        var most = Answers(share);
        for (var asked = 1; asked <= most; asked++)
        {
            var served = await probe.VersionAsync(rollout.Router.Uri, rollout.Version, cancellationToken);
            if (served.Version == expected)
            {
                return GateResult.Pass(Name, string.Create(CultureInfo.InvariantCulture, $"answer {asked} is {expected}"));
            }

            if (served.Version != beside && !(isBack && served.Version is null))
            {
                return GateResult.Fail(Name, string.Create(CultureInfo.InvariantCulture, $"answer {asked} is neither {expected} nor {beside}: {served}"));
            }
        }

        return GateResult.Fail(Name, string.Create(CultureInfo.InvariantCulture, $"none of {most} answers is {expected}, though {share:0.##%} of the traffic should be"));
    }

    /// <summary>How many answers it takes until missing a share is as unlikely as <see cref="Missed"/>: n with (1 - share)^n at most that.</summary>
    internal static int Answers(double share) => share >= 1 ? 1 : (int)Math.Min(MostAnswers, Math.Ceiling(Math.Log(Missed) / Math.Log(1 - share)));
}
