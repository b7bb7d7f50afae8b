using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Reports.Story;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Reports.Sections;

/// <summary>Something a reader should have seen, also where the release succeeded.</summary>
/// <param name="At">When; null where it belongs to no moment.</param>
/// <param name="What">What it is about.</param>
/// <param name="Detail">What was seen.</param>
internal sealed record ReportWarning(DateTimeOffset? At, string What, string Detail)
{
    /// <summary>Finds them in a journal, in the order of time. Pure.</summary>
    internal static IReadOnlyList<ReportWarning> Find(ReportStory story) =>
    [
        .. Records(story).Concat(Gates(story)).Concat(Runs(story)).OrderBy(warning => warning.At),
        .. Smoke(story),
        .. Validations(story),
        .. Baselines(story),
        .. story.Unreadable.Select(line => new ReportWarning(null, "Not readable", line)),
    ];

    private static IEnumerable<ReportWarning> Records(ReportStory story) => story.Records
        .Where(record => record.Kind is JournalKind.StopRequested or JournalKind.LockLost or JournalKind.Recovered)
        .Select(record => new ReportWarning(record.Time, Name(record.Kind), record.Message));

    // Smoke tests and validations have tables of their own; what they only warn of stands below.
    private static IEnumerable<ReportWarning> Gates(ReportStory story) => story.Gates
        .Where(gate => gate.Result.Verdict != GateVerdict.Pass && !SmokeSection.IsSmoke(gate) && !gate.Result.Name.StartsWith("validation ", StringComparison.Ordinal))
        .Select(gate => new ReportWarning(gate.At, $"{gate.Result.Verdict}: {gate.Result.Name}", gate.Result.Detail));

    private static IEnumerable<ReportWarning> Runs(ReportStory story) => story.Runs
        .Where(run => run.Number > 1 && run.Phase != DeploymentPhase.Rollback)
        .Select(run => new ReportWarning(run.BeganAt, $"{run.Phase} was begun again", $"Run {ReportText.Number(run.Number)}: what the runs before had done was kept, what they had begun was probed."));

    private static IEnumerable<ReportWarning> Smoke(ReportStory story) => story.SmokeAfter
        .Where(check => check.Outcome == SmokeOutcome.PreExisting)
        .Select(check => new ReportWarning(null, $"Smoke test {check.Name}", $"It fails, and failed already on the old version: {check.Message}"));

    private static IEnumerable<ReportWarning> Validations(ReportStory story) => (story.Migration?.Databases ?? [])
        .SelectMany(database => database.Validations)
        .Where(check => check.IsWarning)
        .Select(check => new ReportWarning(null, $"Validation {check.Name}", $"{check.File} does not say what to expect, and it answered {PhaseFailure.Sentence(check.Actual)}"));

    private static IEnumerable<ReportWarning> Baselines(ReportStory story) => story.Baselines
        .Where(baseline => baseline.Missing is not null)
        .Select(baseline => new ReportWarning(baseline.To, $"No baseline for {baseline.Metric}", baseline.Missing!));

    private static string Name(JournalKind kind) => kind switch
    {
        JournalKind.StopRequested => "A person stepped in",
        JournalKind.LockLost => "Lock declared lost",
        _ => "Log recovered after a crash",
    };
}
