using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What an operator types next.</summary>
/// <param name="Command">The command, literally.</param>
/// <param name="Words">The command with what to do before it and what else may be done.</param>
internal sealed record NextCommand(string Command, string Words)
{
    /// <summary>What follows a phase that did not succeed, or did not begin. Pure.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="outcome">How it ended; null where it did not begin.</param>
    /// <param name="error">What it met: it may know the command itself, or what to mend first.</param>
    internal static NextCommand After(WindowFacts facts, DeploymentPhase phase, PhaseOutcome? outcome, DeployOpsException error)
    {
        var window = $"Get-DeploymentWindow {facts.Opening.Id}";
        var back = $"{window} | Invoke-Rollback";
        var log = $"{window} | Get-DeploymentLog";
        var again = Again(facts.Opening, phase);
        // Whoever starts it must not be who approved it.
        var start = Start(facts.Opening.PlanPath);
        var anew = $"once another person has typed {Approve(facts.Opening.PlanPath)}: {start}";
        return facts.State switch
        {
            _ when error.ErrorId == "EpochStale" => Of(error, log),
            // Nothing is broken: a person decides between the two ways that the error tells.
            WindowState.RollbackFailed when error.InnerException is DeployOpsException { ErrorId: "DataLossNotAccepted" } => Of(error, error.Command ?? back),
            WindowState.RollbackFailed => Of(error, error.Command ?? back, "A person is needed: mend what kept it from going back, then"),
            WindowState.RollingBack when outcome == PhaseOutcome.Superseded => new NextCommand(log, $"The rollback runs in the other terminal, and {log} shows it; where nobody carries it on: {back}"),
            _ when error.Command is { } known && error.ErrorId != "RollbackFailed" => Of(error, known),
            WindowState.RollingBack => Of(error, back, "Going back is not finished; carry it on:"),
            WindowState.RolledBack => Of(error, $"{log} -Kind Gate", "Look at what decided:", $"to release again, {anew}"),
            WindowState.Completed => new NextCommand(start, $"For another release, {anew}"),
            WindowState.Stopped => Of(error, back, "To go back:", $"to release again, {anew}"),
            _ when phase == DeploymentPhase.Completion || phase == DeploymentPhase.Preparation => Of(error, again),
            _ when outcome is PhaseOutcome.Failed => Of(error, back, "To go back:", $"or, when the cause is mended: {again}"),
            _ when outcome is PhaseOutcome.RolledBack or PhaseOutcome.RollbackFailed => Of(error, back),
            _ when phase == DeploymentPhase.Rollback => Of(error, back),
            _ => Of(error, again, outcome is PhaseOutcome.Cancelled ? "To carry on:" : null, $"or, to go back: {back}"),
        };
    }

    /// <summary>The command that runs a phase of a window once more.</summary>
    internal static string Again(WindowOpening opening, DeploymentPhase phase) =>
        phase == DeploymentPhase.Preparation ? Start(opening.PlanPath) : $"Get-DeploymentWindow {opening.Id} | {Cmdlet(phase)}";

    /// <summary>The command that starts a plan's window.</summary>
    internal static string Start(string planPath) => $"Start-DeploymentWindow {Quote(planPath)}";

    /// <summary>The command that shows a window's log.</summary>
    internal static string Log(string windowId) => $"Get-DeploymentWindow {windowId} | Get-DeploymentLog";

    /// <summary>The command that brings a backup back by itself.</summary>
    internal static string Restore(string file, string planPath) => $"Restore-DeploymentBackup {Quote(file)} -Plan {Quote(planPath)}";

    /// <summary>The command that goes back in a window.</summary>
    internal static string Back(string windowId) => $"Get-DeploymentWindow {windowId} | Invoke-Rollback";

    /// <summary>The command that completes a window.</summary>
    internal static string Complete(string windowId) => $"Get-DeploymentWindow {windowId} | Complete-DeploymentWindow";

    /// <summary>The command that declares lost whoever holds a window's environment and hangs.</summary>
    internal static string Lost(string windowId, long epoch) => $"Get-DeploymentWindow {windowId} | Stop-DeploymentWindow -Lost -Epoch {epoch} -Reason 'why you know that it hangs'";

    /// <summary>A command after what the error says is to be done first.</summary>
    internal static NextCommand Of(DeployOpsException error, string command, string? before = null, string? after = null)
    {
        var words = new[] { error.NextStep, before is null ? command : $"{before} {command}", after };
        return new NextCommand(command, string.Join(' ', [.. words.Take(1).OfType<string>(), string.Join("; ", words.Skip(1).OfType<string>())]));
    }

    /// <summary>The command that runs a runbook.</summary>
    internal static string Run(string path) => $"& {Quote(path)}";

    /// <summary>The command that tests a log by its path.</summary>
    internal static string TestLog(string path) => $"Test-DeploymentLog -Path {Quote(path)}";

    /// <summary>The command that approves a plan.</summary>
    internal static string Approve(string planPath) => $"Approve-DeploymentPlan {Quote(planPath)}";

    private static string Cmdlet(DeploymentPhase phase) => phase switch
    {
        DeploymentPhase.Migration => "Invoke-DbMigration",
        DeploymentPhase.Rollout => "Invoke-Rollout",
        DeploymentPhase.Smoke => "Test-Smoke",
        DeploymentPhase.Monitoring => "Watch-DeploymentHealth",
        DeploymentPhase.Completion => "Complete-DeploymentWindow",
        _ => "Invoke-Rollback",
    };

    private static string Quote(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
}
