namespace DeployOps.Operations;

/// <summary>Something a command did, as the operations log keeps it. Its text has no secret.</summary>
public sealed record OperationEvent
{
    /// <summary>When, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How much it matters.</summary>
    public required OperationLevel Level { get; init; }

    /// <summary>What, in one line.</summary>
    public required string Message { get; init; }

    /// <summary>The command's name.</summary>
    public required string Command { get; init; }

    /// <summary>The same for every event of one call of a command, and for no other's.</summary>
    public required string Run { get; init; }

    /// <summary>The window's id; null where the command has none, or none yet.</summary>
    public string? Window { get; init; }

    /// <summary>Who was at work.</summary>
    public required string Operator { get; init; }

    /// <summary>The process that ran the command.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The error's id, where the command failed.</summary>
    public string? ErrorId { get; init; }

    /// <summary>How long the command took, where it ended.</summary>
    public TimeSpan? Elapsed { get; init; }
}
