using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Reports.Story;

/// <summary>Reads the runs of all phases from a journal.</summary>
internal static class PhaseRuns
{
    /// <summary>The runs in the order in which they began. Pure.</summary>
    internal static IReadOnlyList<PhaseRun> Read(IReadOnlyList<JournalRecord> records)
    {
        var runs = new List<PhaseRun>();
        foreach (var record in records.Where(record => record.Phase is not null))
        {
            if (record.Kind == JournalKind.PhaseStarted)
            {
                Begin(runs, record);
            }
            else if (record.Kind == JournalKind.PhaseEnded)
            {
                End(runs, record);
            }
        }

        return runs;
    }

    private static void Begin(List<PhaseRun> runs, JournalRecord record)
    {
        var phase = record.Phase!.Value;
        if (phase == DeploymentPhase.Rollback && runs.FindLastIndex(run => run.Phase != DeploymentPhase.Rollback) is >= 0 and var forward && runs[forward].Outcome is null)
        {
            runs[forward] = runs[forward] with { EndedAt = runs[forward].EndedAt ?? record.Time };
        }

        runs.Add(new PhaseRun { Phase = phase, Number = runs.Count(run => run.Phase == phase) + 1, BeganAt = record.Time, Summary = record.Message });
    }

    private static void End(List<PhaseRun> runs, JournalRecord record)
    {
        var index = runs.FindLastIndex(run => run.Phase == record.Phase);
        if (index < 0)
        {
            return;
        }

        var end = record.Read<PhaseEnd>();
        runs[index] = runs[index] with
        {
            EndedAt = runs[index].EndedAt ?? record.Time,
            Outcome = end.Outcome,
            Summary = record.Message,
            Result = end.Result,
        };
    }
}
