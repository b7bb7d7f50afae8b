using DeployOps.Plans;
using DeployOps.Windows.Homes;

namespace DeployOps.Windows;

/// <summary>The first record of a window: what was agreed and who is there.</summary>
internal sealed record WindowOpening
{
    public required string Id { get; init; }

    public required string Service { get; init; }

    public required string Environment { get; init; }

    public required string Release { get; init; }

    public required string PlanPath { get; init; }

    public required string Digest { get; init; }

    public required IReadOnlyList<KeptFile> Files { get; init; }

    public required string Executor { get; init; }

    public required string Lead { get; init; }

    public string? Monitor { get; init; }

    public string? Communicator { get; init; }

    /// <summary>When the plan was approved: an approval opens one window. Null where the window was opened without one.</summary>
    public DateTimeOffset? ApprovedAt { get; init; }

    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>The script the window was started from; empty at a prompt.</summary>
    public required string StartedFrom { get; init; }

    public required string ModuleVersion { get; init; }
}
