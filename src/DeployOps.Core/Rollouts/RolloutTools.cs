using System.Collections.Concurrent;
using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>What the steps of a rollout work with: the script, the router, and the gates that decide whether a change is so.</summary>
internal sealed class RolloutTools
{
    private static readonly TimeSpan GoneTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GoneInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>How many instances are asked for their version at once: of many that are silent, each takes its whole time limit.</summary>
    private const int AskedAtOnce = 16;

    private const string OtherVersionWay = "See which destinations the router has and what they serve.";

    private readonly RolloutSpec rollout;
    private readonly string script;
    private readonly DeploymentWindow window;
    private readonly Ports ports;
    private readonly InstanceProbe probe;
    private readonly Func<GateResult, Task> record;
    private readonly Func<string, string> keep;
    private readonly Lock changes = new();
    private Task lastChange = Task.CompletedTask;

    /// <param name="rollout">The plan's rollout.</param>
    /// <param name="script">The approved text of the deploy script.</param>
    /// <param name="window">The window, handed to the script.</param>
    /// <param name="ports">What is outside the domain.</param>
    /// <param name="record">Writes a gate's answer to the journal.</param>
    /// <param name="keep">Keeps a long text as evidence and tells how the journal shall name it.</param>
    internal RolloutTools(RolloutSpec rollout, string script, DeploymentWindow window, Ports ports, Func<GateResult, Task> record, Func<string, string> keep)
    {
        this.rollout = rollout;
        this.script = script;
        this.window = window;
        this.ports = ports;
        this.record = record;
        this.keep = keep;
        probe = new InstanceProbe(ports.Http, ports.TimeProvider);
        Router = ports.Adapters.OpenRouter(rollout.Router);
    }

    internal IRouter Router { get; }

    /// <summary>Asked right before each change of an instance or of the traffic; what it throws keeps that from happening. Default: does nothing.</summary>
    internal Action BeforeEffect { get; init; } = () => { };

    /// <summary>True where somebody accepts that the old version gets the traffic back without the instances that cannot be made to serve it.</summary>
    internal bool AcceptsLessCapacity { get; init; }

    /// <summary>The instances that were found lost while this rollback ran.</summary>
    internal LostInstances Lost { get; init; } = new();

    /// <summary>Whether this release has taken an instance out of the traffic and not let it in since it went back.</summary>
    internal Func<string, bool> IsTakenOut { get; init; } = _ => false;

    /// <summary>Reads weights and versions before anything is touched.</summary>
    /// <exception cref="DeployOpsException"><c>InstanceAddressTaken</c>, and what the router throws.</exception>
    internal async Task<RolloutCapture> CaptureAsync(CancellationToken cancellationToken)
    {
        var state = await Router.ReadAsync(cancellationToken);
        var served = new ConcurrentDictionary<string, string?>(StringComparer.Ordinal);
        var few = new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(rollout.Instances, few, async (instance, token) => served[instance.Name] = await CaptureVersionAsync(instance, state, token));
        var versions = rollout.Instances.ToDictionary(instance => instance.Name, instance => served[instance.Name], StringComparer.Ordinal);
        var weights = state.Destinations.ToDictionary(destination => destination.Key, destination => destination.Value.Weight, StringComparer.Ordinal);
        return new RolloutCapture(weights, versions);
    }

    /// <summary>Runs the script for one instance, then sees that the instance is healthy and serves that version.</summary>
    /// <exception cref="DeployOpsException"><c>InstanceUnhealthy</c>, <c>InstanceVersionWrong</c>, and what the script throws.</exception>
    internal async Task<string> DeployAsync(InstanceSpec instance, string version, CancellationToken cancellationToken)
    {
        await RunScriptAsync(instance, version, cancellationToken);
        await RequireAsync(await probe.HealthAsync(instance, rollout, cancellationToken), "InstanceUnhealthy", "Its log tells why; the script's output is in the journal.");
        var gate = await ServesAsync(instance, version, cancellationToken);
        await RequireAsync(gate, "InstanceVersionWrong", "Check what the deploy script starts for this version.");

        return gate.Detail;
    }

    /// <summary>Runs the script so that an instance stops, then sees that nobody listens at its address any more.</summary>
    /// <exception cref="DeployOpsException"><c>InstanceNotStopped</c>, and what the script throws.</exception>
    internal async Task<string> StopAsync(InstanceSpec instance, CancellationToken cancellationToken)
    {
        await RunScriptAsync(instance, DeployRequest.Stopped, cancellationToken);
        var start = ports.TimeProvider.GetTimestamp();
        while (true)
        {
            var stopped = await StoppedAsync(instance, cancellationToken);
            if (stopped.Verdict == GateVerdict.Pass)
            {
                return stopped.Detail;
            }

            if (ports.TimeProvider.GetElapsedTime(start) > GoneTimeout)
            {
                throw new DeployOpsException(
                    "InstanceNotStopped",
                    FaultKind.Failed,
                    $"{stopped.Detail}, {GoneTimeout.TotalSeconds} s after the deploy script was told to stop it.",
                    "See that the script stops the instance for version 'none'.");
            }

            await Task.Delay(GoneInterval, ports.TimeProvider, cancellationToken);
        }
    }

    /// <summary>Whether an instance serves this version now. Pass, or Fail with what it serves instead.</summary>
    internal Task<GateResult> ServesAsync(InstanceSpec instance, string version, CancellationToken cancellationToken) =>
        probe.VersionGateAsync(instance, rollout, version, cancellationToken);

    /// <summary>Whether an instance serves this version now and is healthy as often as the plan wants. Pass, or Fail with what is wrong.</summary>
    internal async Task<GateResult> IsDeployedAsync(InstanceSpec instance, string version, CancellationToken cancellationToken)
    {
        var serves = await ServesAsync(instance, version, cancellationToken);
        var isHealthy = serves.Verdict == GateVerdict.Pass ? await probe.HealthAsync(instance, rollout, cancellationToken) : serves;
        return isHealthy.Verdict == GateVerdict.Pass ? serves : GateResult.Fail(serves.Name, isHealthy.Detail);
    }

    /// <summary>Whether nobody listens at an instance's address.</summary>
    internal Task<GateResult> StoppedAsync(InstanceSpec instance, CancellationToken cancellationToken) => probe.StoppedAsync(instance, rollout, cancellationToken);

    /// <summary>Whether an instance is healthy and serves this version, by one answer each and without waiting.</summary>
    internal async Task<bool> IsUpAsync(InstanceSpec instance, string version, CancellationToken cancellationToken) =>
        (await ServesAsync(instance, version, cancellationToken)).Verdict == GateVerdict.Pass
        && (await probe.HealthAsync(instance, rollout with { Consecutive = 1 }, TimeSpan.Zero, cancellationToken)).Verdict == GateVerdict.Pass;

    /// <summary>
    /// Sees that there is capacity for traffic to move onto: an instance that does not answer as it should is started by the script first, whatever was
    /// seen of it before. What was seen is journaled, which also keeps a run that was taken over from moving traffic after that.
    /// </summary>
    /// <returns>The instances that had to be started.</returns>
    /// <exception cref="DeployOpsException"><c>InstanceUnhealthy</c>, <c>InstanceVersionWrong</c>, and what the script throws; traffic is where it was.</exception>
    internal async Task<IReadOnlyList<string>> ReviveAsync(IReadOnlyList<(InstanceSpec Instance, string Version)> capacity, CancellationToken cancellationToken)
    {
        var revived = new List<string>();
        foreach (var (instance, version) in capacity)
        {
            if (!await IsUpAsync(instance, version, cancellationToken))
            {
                await DeployAsync(instance, version, cancellationToken);
                revived.Add(instance.Name);
            }
        }

        await record(GateResult.Pass("capacity", string.Join(", ", capacity.Select(one => $"{one.Instance.Name} answers as {one.Version}"))));
        return revived;
    }

    /// <summary>
    /// The same for going back, where each instance counts for itself: all are tried, so that one that is lost neither hides another nor keeps the traffic where it is
    /// once somebody accepts to go back without it.
    /// </summary>
    /// <returns>The instances that had to be started, and those that cannot be made to serve the version.</returns>
    /// <exception cref="DeployOpsException"><c>OldCapacityMissing</c> where some cannot and nobody accepted that, or none can; traffic is where it was.</exception>
    internal async Task<(IReadOnlyList<string> Revived, IReadOnlyList<string> Lost)> ReviveForReturnAsync(IReadOnlyList<(InstanceSpec Instance, string Version)> capacity, CancellationToken cancellationToken)
    {
        if (capacity.Count == 1)
        {
            // There is nothing to go back without.
            return (await ReviveAsync(capacity, cancellationToken), []);
        }

        var (revived, lost, why) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var one in capacity)
        {
            try
            {
                revived.AddRange(await ReviveAsync([one], cancellationToken));
            }
            catch (DeployOpsException e) when (LostInstances.IsReason(e))
            {
                lost.Add(one.Instance.Name);
                Lost.Add(one.Instance.Name, e);
                why.Add($"{one.Instance.Name}: {PhaseFailure.Sentence(e.Fact)}");
            }
        }

        if (lost.Count > 0)
        {
            await record(GateResult.Fail("capacity", $"{lost.Count} of {capacity.Count} cannot be made to serve the old version: {string.Join(" ", why)}"));
        }

        return lost.Count == 0 || (AcceptsLessCapacity && lost.Count < capacity.Count)
            ? (revived, lost)
            : throw new DeployOpsException(
                "OldCapacityMissing",
                FaultKind.Failed,
                $"{lost.Count} of {capacity.Count} instances that carried the old version cannot be made to serve it, and traffic is where it was. {string.Join(" ", why)}",
                lost.Count == capacity.Count ? "Bring at least one back, then go back again:" : $"Bring {string.Join(", ", lost)} back, or go back without:")
            {
                Command = lost.Count == capacity.Count ? NextCommand.Back(window.Id) : null,
            };
    }

    /// <summary>Sends traffic by these weights and sees through the router that this version answers.</summary>
    /// <exception cref="DeployOpsException"><c>RouterServesOtherVersion</c>, and what the router throws.</exception>
    internal async Task<string> RouteAsync(IReadOnlyDictionary<string, int> weights, string version, CancellationToken cancellationToken)
    {
        await SetWeightsAsync(weights, cancellationToken);
        var gate = await new ServedVersionGate(ports.Http, ports.TimeProvider).AskAsync(rollout, version, cancellationToken);
        await RequireAsync(gate, "RouterServesOtherVersion", OtherVersionWay);

        return gate.Detail;
    }

    /// <summary>Whether the router answers with this version, as whoever moves traffic sees to it.</summary>
    internal async Task<GateResult> AnswersAsync(string version, string seen, CancellationToken cancellationToken)
    {
        var gate = await new ServedVersionGate(ports.Http, ports.TimeProvider).AskAsync(rollout, version, cancellationToken);
        return gate with { Name = "traffic", Detail = $"{seen}; {gate.Detail}" };
    }

    /// <summary>Lets one instance into the traffic, once it is healthy and serves this version, and sees through the router that the version is among the answers.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="version">The version it shall serve.</param>
    /// <param name="weight">The weight it gets.</param>
    /// <param name="beside">The version that others may still serve; null where none may: then all answers must be the expected one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DeployOpsException">What <see cref="ReviveAsync"/> and <see cref="AdmitAsync"/> throw.</exception>
    internal async Task<string> LetInAsync(InstanceSpec instance, string version, int weight, string? beside, CancellationToken cancellationToken)
    {
        var revived = await ReviveAsync([(instance, version)], cancellationToken);
        var seen = await AdmitAsync(instance, version, weight, beside, isBack: false, cancellationToken);

        return revived.Count == 0 ? seen : $"{instance.Name} started again; {seen}";
    }

    /// <summary>Gives an instance that serves this version its weight, and sees through the router what answers.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="version">The version that must be among the answers.</param>
    /// <param name="weight">The weight it gets.</param>
    /// <param name="beside">The version that others may still serve; null where none may.</param>
    /// <param name="isBack">True where others may be ill, since the rollout is taken back.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DeployOpsException"><c>RouterServesOtherVersion</c>, and what the router throws.</exception>
    internal async Task<string> AdmitAsync(InstanceSpec instance, string version, int weight, string? beside, bool isBack, CancellationToken cancellationToken)
    {
        await SetWeightAsync(instance, weight, cancellationToken);
        var gate = beside is null
            ? await new ServedVersionGate(ports.Http, ports.TimeProvider).AskAsync(rollout, version, cancellationToken)
            : await MixedAsync(instance, version, beside, isBack, cancellationToken);
        await RequireAsync(gate, "RouterServesOtherVersion", OtherVersionWay);

        return gate.Detail;
    }

    /// <summary>Sees through the router that nothing but this version answers.</summary>
    /// <exception cref="DeployOpsException"><c>RouterServesOtherVersion</c>.</exception>
    internal async Task RequireAnswersAsync(string version, CancellationToken cancellationToken) =>
        await RequireAsync(await new ServedVersionGate(ports.Http, ports.TimeProvider).AskAsync(rollout, version, cancellationToken), "RouterServesOtherVersion", OtherVersionWay);

    /// <summary>Takes one instance out of the traffic and waits until its requests have ended, at most the plan's DrainTimeout.</summary>
    internal async Task<GateResult> TakeOutAsync(InstanceSpec instance, CancellationToken cancellationToken)
    {
        if ((await Router.ReadAsync(cancellationToken)).Destinations.TryGetValue(instance.Name, out var destination) && destination.Weight > 0)
        {
            await SetWeightAsync(instance, 0, cancellationToken);
        }

        return await DrainAsync([instance], cancellationToken);
    }

    /// <summary>Sees that others serve while an instance is out of the traffic: at least one, and each that the router sends requests to is well.</summary>
    /// <param name="others">The instances that stay.</param>
    /// <param name="versions">What each may serve.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="DeployOpsException"><c>CapacityMissing</c>; what the router throws.</exception>
    internal async Task RequireOthersAsync(IReadOnlyList<InstanceSpec> others, IReadOnlyList<string> versions, CancellationToken cancellationToken)
    {
        var (well, ill) = await LookAsync(others, versions, cancellationToken);
        if (well.Count == 0 || ill.Count > 0)
        {
            throw new DeployOpsException(
                "CapacityMissing",
                FaultKind.InvalidOperation,
                ill.Count == 0 ? "No other instance carries traffic." : $"{string.Join(", ", ill)} carries traffic and does not answer as a healthy {string.Join(" or ", versions)}.",
                "No instance is taken out of the traffic until the others are well.");
        }

        await MeanwhileAsync(well);
    }

    /// <summary>Waits until these instances have no request in flight, at most the plan's DrainTimeout.</summary>
    internal async Task<GateResult> DrainAsync(IReadOnlyList<InstanceSpec> instances, CancellationToken cancellationToken)
    {
        var gate = await new DrainWatch(Router, ports.TimeProvider).WaitAsync([.. instances.Select(instance => instance.Name)], rollout.DrainTimeout, cancellationToken);
        await record(gate);

        return gate;
    }

    private async Task<bool> AnswersAsOneOfAsync(InstanceSpec instance, IReadOnlyList<string> versions, CancellationToken cancellationToken)
    {
        foreach (var version in versions)
        {
            if (await IsUpAsync(instance, version, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Which of these instances that carry traffic answer as a healthy one of these versions, and which do not.</summary>
    internal async Task<(IReadOnlyList<InstanceSpec> Well, IReadOnlyList<InstanceSpec> Ill)> LookAsync(IReadOnlyList<InstanceSpec> instances, IReadOnlyList<string> versions, CancellationToken cancellationToken)
    {
        var state = await Router.ReadAsync(cancellationToken);
        var (well, ill) = (new List<InstanceSpec>(), new List<InstanceSpec>());
        foreach (var instance in instances.Where(one => state.Destinations.TryGetValue(one.Name, out var destination) && destination.Weight > 0))
        {
            (await AnswersAsOneOfAsync(instance, versions, cancellationToken) ? well : ill).Add(instance);
        }

        return (well, ill);
    }

    /// <summary>Journals who serves while an instance is out of the traffic.</summary>
    internal Task MeanwhileAsync(IReadOnlyList<InstanceSpec> well) =>
        record(GateResult.Pass("capacity", well.Count == 0 ? "nobody is served in any case" : $"{string.Join(", ", well.Select(instance => instance.Name))} serve{(well.Count == 1 ? "s" : "")} meanwhile"));

    private async Task<GateResult> MixedAsync(InstanceSpec instance, string version, string beside, bool isBack, CancellationToken cancellationToken)
    {
        var weights = (await Router.ReadAsync(cancellationToken)).Destinations.ToDictionary(destination => destination.Key, destination => (double)destination.Value.Weight, StringComparer.Ordinal);
        return weights.GetValueOrDefault(instance.Name) > 0
            ? await new MixedVersionsGate(ports.Http, ports.TimeProvider).AskAsync(rollout, version, beside, weights[instance.Name] / weights.Values.Sum(), isBack, cancellationToken)
            : GateResult.Fail("versions through the edge", $"the weight of {instance.Name} was taken away meanwhile");
    }

    /// <summary>Gives one instance a weight. A change reads the router's configuration and writes it: of two at once one would be lost, so each waits for the one before it.</summary>
    internal Task SetWeightAsync(InstanceSpec instance, int weight, CancellationToken cancellationToken)
    {
        lock (changes)
        {
            return lastChange = ChangeAsync(lastChange);
        }

        async Task ChangeAsync(Task before)
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            await SetWeightsAsync(new Dictionary<string, int>(StringComparer.Ordinal) { [instance.Name] = weight }, cancellationToken);
        }
    }

    /// <summary>Sends traffic by these weights and looks no further.</summary>
    /// <exception cref="DeployOpsException">What the router throws.</exception>
    internal Task SetWeightsAsync(IReadOnlyDictionary<string, int> weights, CancellationToken cancellationToken)
    {
        BeforeEffect();
        return Router.SetWeightsAsync(weights, cancellationToken);
    }

    private async Task<string?> CaptureVersionAsync(InstanceSpec instance, RouterState state, CancellationToken cancellationToken)
    {
        var served = await probe.VersionAsync(instance.Uri, rollout.Version, cancellationToken);
        var isIdle = state.Destinations.TryGetValue(instance.Name, out var destination) && destination.Weight == 0;
        if (served.Version is null && isIdle)
        {
            await RefuseTakenAsync(instance, served, cancellationToken);
        }

        return served.Version;
    }

    // The new version could not listen there, and going back would wait in vain for the address to fall silent.
    private async Task RefuseTakenAsync(InstanceSpec instance, ServedVersion served, CancellationToken cancellationToken)
    {
        if ((await StoppedAsync(instance, cancellationToken)).Verdict == GateVerdict.Fail)
        {
            throw new DeployOpsException(
                "InstanceAddressTaken",
                FaultKind.Busy,
                $"{instance.Name} has no traffic, and something answers at its address without a version: {PhaseFailure.Sentence(served.Reason ?? "")}",
                "Stop what listens there, be it another program or a broken instance.");
        }
    }

    private async Task RunScriptAsync(InstanceSpec instance, string version, CancellationToken cancellationToken)
    {
        BeforeEffect();
        var output = await ports.Deployer.DeployAsync(new DeployRequest(rollout.Deploy, script, instance, version, window, rollout.DeployTimeout), cancellationToken);
        await record(GateResult.Pass($"script for {instance.Name}", output.Length == 0 ? $"ran for {version} and said nothing" : $"ran for {version}: {keep(output)}"));
    }

    private async Task RequireAsync(GateResult gate, string errorId, string nextStep)
    {
        await record(gate);
        if (gate.Verdict != GateVerdict.Pass)
        {
            throw new DeployOpsException(errorId, FaultKind.Failed, $"{gate.Name}: {PhaseFailure.Sentence(gate.Detail)}", nextStep);
        }
    }
}
