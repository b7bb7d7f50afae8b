using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>What is remembered from one script of a database to the next while it is open.</summary>
internal sealed class ScriptPass
{
    /// <summary>When a gate was last open, in the clock's stamps; null before one was.</summary>
    internal long? OpenAt { get; set; }

    /// <summary>When the primary had written what: of a replica that lags, what the first look of the first script knew nothing of stays unknown until it is replayed.</summary>
    internal ReplicationClock Replication { get; } = new();

    /// <summary>What this run was planned by.</summary>
    internal PlannedHistory History { get; } = new();

    /// <summary>How many replicas there were at the first look; null before it.</summary>
    internal int? Replicas { get; set; }
}
