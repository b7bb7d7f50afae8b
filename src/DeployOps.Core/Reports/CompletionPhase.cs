using System.Globalization;
using DeployOps.CheckIns;
using DeployOps.CheckIns.Schedulers;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Rollouts.Strategies;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>Phase 6: the old instances are stopped, the report is written, the window ends.</summary>
internal sealed class CompletionPhase : IPhase<CompletionResult>
{
    private IReadOnlyList<string> retired = [];
    private IReadOnlyList<string> notPassed = [];
    private string deviation = "";
    private string folder = "";
    private string head = "";

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Completion, Acts: true, "CompletionFailed");

    public async Task<CompletionResult> PlanAsync(PhaseContext context)
    {
        folder = context.OpenSession?.Folder ?? "";
        retired = Changes(Steps(context, await RolloutFactory.ForeseeAsync(context)));
        Judge(context);
        // In a dry run over an open window the phases before were only planned, too.
        var although = notPassed.Count == 0 || context.Deviation is null ? "" : $", although {ReportText.List(notPassed)}";

        return End(PhaseOutcome.Planned, $"{(retired.Count == 0 ? "" : $"stop {Count(retired)}: {string.Join("; ", retired)}; ")}write the report; the window ends{although}{CheckIns(context.Plan.ExtendedMonitoring)}");
    }

    public async Task<CompletionResult> RunAsync(PhaseContext context)
    {
        var steps = Steps(context, RolloutFactory.Begun(context));
        retired = Changes(steps);
        Judge(context);
        await new StepRunner(context.Session, context.Reporter).RunAsync(steps, context.Token);

        folder = context.Session.Folder;
        head = context.Session.Records[^1].Hash;

        return End(PhaseOutcome.Succeeded, Words());
    }

    public CompletionResult End(PhaseOutcome outcome, string summary) => new()
    {
        Outcome = outcome,
        Summary = summary,
        ReportPath = folder.Length == 0 ? "" : Path.Combine(folder, DeploymentReport.FileName),
        LogPath = folder.Length == 0 ? "" : Path.Combine(folder, JournalFile.FileName),
        LogHead = head,
        Retired = retired,
        NotPassed = notPassed,
        Deviation = deviation,
    };

    private static IReadOnlyList<IStep> Steps(PhaseContext context, RolloutPlan? plan) =>
        plan is null ? [] : RolloutFactory.RetireSteps(plan, RolloutFactory.Tools(context));

    private static IReadOnlyList<string> Changes(IReadOnlyList<IStep> steps) => [.. steps.Select(step => step.Identity.Change)];

    // A window that is only planned has no journal, and nothing that could have failed.
    private void Judge(PhaseContext context)
    {
        if (context.OpenSession?.Facts is { } facts)
        {
            notPassed = [.. PhaseGuard.NotPassed(facts, context.Plan, DeploymentPhase.Completion).Select(phase => PhaseGuard.Ending(facts, phase))];
            deviation = notPassed.Count == 0 ? "" : context.Deviation ?? "";
        }
    }

    private string Words()
    {
        var passed = notPassed.Count == 0 ? "every phase passed" : $"not every phase passed: {ReportText.List(notPassed)}; completed by deviation: {deviation.TrimEnd('.')}";
        return retired.Count == 0 ? passed : $"{passed}; {Count(retired)} stopped";
    }

    // Who registers them finds the scheduler in the same way, once the window has ended.
    private static string CheckIns(ExtendedMonitoringSpec? spec) => spec is null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"; {Scheduler.Find()?.ToString() ?? "nothing on this machine"} starts check-ins every {spec.Every} for {spec.Duration}");

    private static string Count(IReadOnlyList<string> instances) => ReportText.Count(instances.Count, "old instance");
}
