using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>What going back came to.</summary>
public sealed record RollbackResult : PhaseResult
{
    /// <inheritdoc/>
    public override DeploymentPhase Phase => DeploymentPhase.Rollback;

    /// <summary>Why it was begun.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The version production went back to; null where it could not be told or nothing had been rolled out.</summary>
    public string? To { get; init; }

    /// <summary>From the decision until all traffic was seen on the old version; null where no traffic had moved.</summary>
    public TimeSpan? TrafficBackAfter { get; init; }

    /// <summary>What happened, or would happen, to the databases.</summary>
    public DatabaseRollback Database { get; init; }

    /// <summary>What was taken back, or would be, in that order.</summary>
    public IReadOnlyList<string> Steps { get; init; } = [];
}
