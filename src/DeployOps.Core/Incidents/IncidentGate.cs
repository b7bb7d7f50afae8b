using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Incidents;

/// <summary>Asks every source of a plan whether an incident is open. Out of reach is Unknown, never clear.</summary>
internal sealed class IncidentGate(Ports ports, IStepReporter reporter)
{
    /// <summary>The gate's name in the journal.</summary>
    internal const string Name = "incidents";

    /// <summary>A source that cannot tell is asked again for so long: a short outage of a tracker stops no release. One that was asked too often is not asked again at all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    /// <summary>Fail with the open incidents; else Unknown with what could not be told; else Pass.</summary>
    internal async Task<GateResult> AskAsync(IReadOnlyList<IncidentSpec> sources, CancellationToken cancellationToken)
    {
        var start = ports.TimeProvider.GetTimestamp();
        while (true)
        {
            var (answer, mayAskAgain) = await AskOnceAsync(sources, cancellationToken);
            if (answer.Verdict != GateVerdict.Unknown || !mayAskAgain || ports.TimeProvider.GetElapsedTime(start) + Interval > Patience)
            {
                return answer;
            }

            reporter.Progress("Incidents", $"asking again: {answer.Detail}");
            await Task.Delay(Interval, ports.TimeProvider, cancellationToken);
        }
    }

    /// <summary>Why a phase may not begin unless somebody gives a reason.</summary>
    internal static DeployOpsException Refusal(WindowFacts facts, DeploymentPhase phase, GateResult gate)
    {
        var back = phase == DeploymentPhase.Preparation ? "Or, where it was agreed to go on:" : $"To go back: {NextCommand.Back(facts.Opening.Id)}; or, where it was agreed to go on:";
        var command = $"{NextCommand.Again(facts.Opening, phase)} -Deviation 'who agreed and why'";
        return gate.Verdict == GateVerdict.Fail
            ? new DeployOpsException("IncidentOpen", FaultKind.InvalidOperation, $"An incident is open: {gate.Detail}.", $"Wait until it is over. {back}") { Command = command }
            : new DeployOpsException("IncidentsUnknown", FaultKind.Timeout, $"Whether an incident is open cannot be told: {PhaseFailure.Sentence(gate.Detail)}", $"See that it can be asked. {back}") { Command = command };
    }

    private async Task<(GateResult Answer, bool MayAskAgain)> AskOnceAsync(IReadOnlyList<IncidentSpec> sources, CancellationToken cancellationToken)
    {
        var open = new List<string>();
        var unknown = new List<string>();
        var mayAskAgain = true;
        foreach (var source in sources)
        {
            try
            {
                open.AddRange((await ports.Adapters.OpenIncidents(source).FindOpenAsync(cancellationToken)).Select(incident => incident.ToString()));
            }
            catch (DeployOpsException e)
            {
                unknown.Add($"{source.Name}: {e.Fact}");
                mayAskAgain &= e.ErrorId != "GitHubRateLimited";
            }
        }

        return ((open.Count, unknown.Count) switch
        {
            ( > 0, _) => GateResult.Fail(Name, string.Join("; ", open)),
            (_, > 0) => GateResult.Unknown(Name, string.Join("; ", unknown)),
            _ => GateResult.Pass(Name, $"none is open in {string.Join(" and ", sources.Select(source => source.Name))}"),
        }, mayAskAgain);
    }
}
