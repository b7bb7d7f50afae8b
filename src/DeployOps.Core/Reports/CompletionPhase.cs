using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Rollouts;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>Phase 6: the old instances are stopped, the report is written, the window ends.</summary>
internal sealed class CompletionPhase : IPhase<CompletionResult>
{
    private IReadOnlyList<string> retired = [];
    private string folder = "";
    private string head = "";

    public PhaseTraits Traits { get; } = new(DeploymentPhase.Completion, Acts: true, "CompletionFailed");

    public Task<CompletionResult> PlanAsync(PhaseContext context)
    {
        retired = [.. Steps(context).Select(step => step.Identity.Change)];
        return Task.FromResult(End(PhaseOutcome.Planned, Words()));
    }

    public async Task<CompletionResult> RunAsync(PhaseContext context)
    {
        var steps = Steps(context);
        retired = [.. steps.Select(step => step.Identity.Change)];
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
    };

    // Under -WhatIf on a window that has no capture yet nothing can be said of old instances.
    private static IReadOnlyList<IStep> Steps(PhaseContext context) =>
        context.OpenSession is not null && RolloutFactory.Begun(context) is { } plan ? RolloutFactory.RetireSteps(plan, RolloutFactory.Tools(context)) : [];

    private string Words() => retired.Count == 0 ? "every phase passed" : $"every phase passed; {retired.Count} old instances stopped";
}
