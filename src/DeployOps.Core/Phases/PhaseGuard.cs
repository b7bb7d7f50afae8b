using System.Globalization;
using DeployOps.Plans;
using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>Whether a phase may begin now, from the journal and the clock alone.</summary>
internal static class PhaseGuard
{
    private static readonly DeploymentPhase[] Order =
    [
        DeploymentPhase.Preparation, DeploymentPhase.Migration, DeploymentPhase.Rollout, DeploymentPhase.Smoke, DeploymentPhase.Monitoring, DeploymentPhase.Completion,
    ];

    /// <summary>Why it may not begin whatever anybody says; null where it may.</summary>
    internal static DeployOpsException? Refusal(WindowFacts facts) => facts.State switch
    {
        WindowState.Open => null,
        WindowState.RollingBack => Closed(facts, "WindowRollingBack", "is going back"),
        WindowState.RolledBack => Closed(facts, "WindowRolledBack", "was rolled back"),
        WindowState.RollbackFailed => Closed(facts, "WindowRollbackFailed", "could not be rolled back"),
        WindowState.Completed => Closed(facts, "WindowCompleted", "is complete"),
        _ => Closed(facts, "WindowStopped", "was stopped"),
    };

    /// <summary>Why it may not begin unless somebody gives a reason; empty where it may.</summary>
    internal static IReadOnlyList<DeployOpsException> NeedsDeviation(WindowFacts facts, DeploymentPlan plan, DeploymentPhase phase, DateTimeOffset now, bool isDryRun = false)
    {
        // In a dry run the phases before were only planned, too.
        var missing = NotPassed(facts, plan, phase).Where(earlier => !isDryRun || facts.Phase(earlier)?.Outcome is not null).ToList();
        var refusals = new List<DeployOpsException>();
        if (missing.Count > 0)
        {
            refusals.Add(new DeployOpsException(
                "PhaseOutOfOrder",
                FaultKind.InvalidOperation,
                $"{string.Join(", ", missing.Select(earlier => Ending(facts, earlier)))}, and {phase} comes after that.",
                "Run what is missing first, or give a reason with -Deviation.")
            { Command = NextCommand.Again(facts.Opening, missing[0]) });
        }

        if (Expired(facts, phase, now) is { } expired)
        {
            refusals.Add(expired);
        }

        return refusals;
    }

    /// <summary>The phases of the plan before this one that have not succeeded, in order.</summary>
    internal static IReadOnlyList<DeploymentPhase> NotPassed(WindowFacts facts, DeploymentPlan plan, DeploymentPhase phase) =>
    [
        .. Order.TakeWhile(earlier => earlier != phase).Where(earlier => IsPlanned(plan, earlier) && facts.Phase(earlier)?.Outcome != PhaseOutcome.Succeeded),
    ];

    /// <summary>How a phase ended that did not succeed: <c>Smoke ended Failed</c>, <c>Monitoring has not ended</c>.</summary>
    internal static string Ending(WindowFacts facts, DeploymentPhase phase) =>
        facts.Phase(phase) is { Outcome: { } outcome } ? $"{phase} ended {outcome}" : $"{phase} has not ended";

    /// <summary>Why nothing of a phase may begin any more unless somebody gives a reason; null until the window's end.</summary>
    /// <param name="facts">What the journal tells.</param>
    /// <param name="phase">The phase.</param>
    /// <param name="now">What the clock says.</param>
    /// <param name="step">What the step that is about to begin changes; null before the phase's first.</param>
    internal static DeployOpsException? Expired(WindowFacts facts, DeploymentPhase phase, DateTimeOffset now, string? step = null)
    {
        // A clock that was set back opens no window again that had ended by its own log.
        now = now > facts.LastTime ? now : facts.LastTime;
        if (now <= facts.Opening.EndsAt)
        {
            return null;
        }

        var notBegun = step is null ? "" : $", and '{step}' was not begun";
        return new DeployOpsException(
            "WindowExpired",
            FaultKind.InvalidOperation,
            string.Create(CultureInfo.InvariantCulture, $"The window ended at {facts.Opening.EndsAt:yyyy-MM-dd HH:mm:ss} UTC; it is {now.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC{notBegun}."),
            $"To go back: {NextCommand.Back(facts.Opening.Id)}; or, where more time was agreed:")
        { Command = $"{NextCommand.Again(facts.Opening, phase)} -Deviation 'who agreed and why'" };
    }

    /// <summary>Whether the plan has anything for this phase.</summary>
    internal static bool IsPlanned(DeploymentPlan plan, DeploymentPhase phase) => phase switch
    {
        DeploymentPhase.Migration => plan.Databases.Any(database => database.Migrations is not null),
        DeploymentPhase.Rollout => plan.Rollout is not null,
        DeploymentPhase.Smoke => plan.Smoke.Count > 0,
        DeploymentPhase.Monitoring => plan.Monitoring is not null,
        _ => true,
    };

    private static DeployOpsException Closed(WindowFacts facts, string id, string what) =>
        new(id, FaultKind.InvalidOperation, $"The window {facts.Opening.Id} {what}: it goes forward no more.");
}
