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

    private readonly RolloutSpec rollout;
    private readonly string script;
    private readonly DeploymentWindow window;
    private readonly Ports ports;
    private readonly InstanceProbe probe;
    private readonly Func<GateResult, Task> record;
    private readonly Func<string, string> keep;

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

    /// <summary>Sends traffic by these weights and sees through the router that this version answers.</summary>
    /// <exception cref="DeployOpsException"><c>RouterServesOtherVersion</c>, and what the router throws.</exception>
    internal async Task<string> RouteAsync(IReadOnlyDictionary<string, int> weights, string version, CancellationToken cancellationToken)
    {
        await Router.SetWeightsAsync(weights, cancellationToken);
        var gate = await new ServedVersionGate(ports.Http, ports.TimeProvider).AskAsync(rollout, version, cancellationToken);
        await RequireAsync(gate, "RouterServesOtherVersion", "See which destinations the router has and what they serve.");

        return gate.Detail;
    }

    /// <summary>Waits until these instances have no request in flight, at most the plan's DrainTimeout.</summary>
    internal async Task<GateResult> DrainAsync(IReadOnlyList<InstanceSpec> instances, CancellationToken cancellationToken)
    {
        var gate = await new DrainWatch(Router, ports.TimeProvider).WaitAsync([.. instances.Select(instance => instance.Name)], rollout.DrainTimeout, cancellationToken);
        await record(gate);

        return gate;
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
