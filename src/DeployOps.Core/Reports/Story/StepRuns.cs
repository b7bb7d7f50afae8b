using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>Reads the attempts of all steps from a journal: each intent with the outcome that followed it.</summary>
internal static class StepRuns
{
    /// <summary>The attempts in the order in which they began. Pure.</summary>
    internal static IReadOnlyList<StepRun> Read(IReadOnlyList<JournalRecord> records)
    {
        var runs = new List<StepRun>();
        var going = DeploymentPhase.Preparation;
        foreach (var record in records)
        {
            if (record is { Kind: JournalKind.PhaseStarted, Phase: { } begun })
            {
                going = begun;
            }
            else if (record is { Kind: JournalKind.Intent or JournalKind.Outcome, Target: not null })
            {
                Apply(runs, record, going);
            }
        }

        return runs;
    }

    private static void Apply(List<StepRun> runs, JournalRecord record, DeploymentPhase going)
    {
        var step = record.Read<StepRecord>();
        if (record.Kind == JournalKind.Intent)
        {
            runs.Add(new StepRun { Phase = record.Phase ?? going, Key = record.Target!, Change = record.Message, BeganAt = record.Time, State = step.State });
            return;
        }

        // An outcome belongs to the last intent of its step, also where another process found it in effect later.
        var index = runs.FindLastIndex(run => run.Key == record.Target);
        if (index >= 0)
        {
            runs[index] = runs[index] with { EndedAt = record.Time, State = step.State, Evidence = step.Evidence ?? record.Message };
        }
    }
}
