namespace DeployOps.Windows;

/// <summary>What somebody who starts a window says.</summary>
public sealed record StartRequest
{
    /// <summary>The roles that may be given beside the plan.</summary>
    public static IReadOnlyList<string> Roles { get; } = ["Monitor", "Communicator"];

    /// <summary>The plan file.</summary>
    public required string PlanPath { get; init; }

    /// <summary>The script it is started from; empty at a prompt.</summary>
    public string StartedFrom { get; init; } = "";

    /// <summary>Roles given beside the plan, by name.</summary>
    public IReadOnlyDictionary<string, string> Team { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The reason for going on against what is refused; null where none was given.</summary>
    public string? Deviation { get; init; }
}
