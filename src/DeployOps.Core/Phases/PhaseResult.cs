using DeployOps.Windows;

namespace DeployOps.Phases;

/// <summary>What a phase came to. Each phase adds its own evidence.</summary>
public abstract record PhaseResult
{
    /// <summary>The window it belongs to, as it stood after the phase; null only where a cmdlet ran without a plan.</summary>
    public DeploymentWindow? Window { get; init; }

    /// <summary>Which phase it was.</summary>
    public abstract DeploymentPhase Phase { get; }

    /// <summary>How it ended.</summary>
    public required PhaseOutcome Outcome { get; init; }

    /// <summary>When it began, UTC.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>What happened, in one line with its numbers.</summary>
    public required string Summary { get; init; }

    /// <summary>What production was in when it ended: which version serves at which weights, what runs, what was migrated, whether it went back.</summary>
    public string Production { get; init; } = "";

    /// <summary>The next command to type where it did not succeed; empty where it did.</summary>
    public string NextCommand { get; init; } = "";

    /// <inheritdoc/>
    public sealed override string ToString() => $"{Phase} {Outcome}: {Summary}";
}
