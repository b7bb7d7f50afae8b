using System.Globalization;
using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Lets an instance that was changed into the traffic again, with the weight it had; taken back, it is out of it.</summary>
internal sealed class AdmitStep(RolloutPlan plan, InstanceSpec instance, RolloutTools tools) : IStep
{
    private const string Prefix = "admit/";

    private readonly int weight = plan.Capture.Weights[instance.Name];

    public StepIdentity Identity { get; } = new(
        DeploymentPhase.Rollout,
        KeyOf(instance.Name),
        string.Create(CultureInfo.InvariantCulture, $"{instance.Name}: {plan.Release} in the traffic, weight {plan.Capture.Weights[instance.Name]}"));

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string instance) => Prefix + instance;

    /// <summary>True for the key of such a step.</summary>
    internal static bool Is(string key) => key.StartsWith(Prefix, StringComparison.Ordinal);

    // Once the last is in, nothing but the new version may answer.
    public Task<string> DoAsync(CancellationToken cancellationToken) =>
        tools.LetInAsync(instance, plan.Release, weight, plan.Batches[^1][^1] == instance ? null : plan.OldVersion, cancellationToken);

    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        var state = await tools.Router.ReadAsync(cancellationToken);
        if (state.Destinations.GetValueOrDefault(instance.Name)?.Weight != weight)
        {
            return GateResult.Fail(KeyOf(instance.Name), "it does not have its weight");
        }

        return await tools.ServesAsync(instance, plan.Release, cancellationToken);
    }

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        await new RollingReturn(plan, tools).KeepServingAsync(instance, cancellationToken);
        return (await tools.TakeOutAsync(instance, cancellationToken)).Detail;
    }
}
