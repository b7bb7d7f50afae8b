using System.Text.Json.Serialization;

namespace DeployOps.CheckIns;

/// <summary>That a window is looked after by a scheduler, as it stands in the window's log.</summary>
public sealed record CheckInRegistration
{
    /// <summary>The name under which it is captured in the journal.</summary>
    internal const string CaptureName = "extended-monitoring";

    /// <summary>When it began, UTC.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>When it ends, UTC: the first check-in from then on is the last.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>Between two check-ins.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>What starts them.</summary>
    public required CheckInScheduler Scheduler { get; init; }

    /// <summary>Whether it does so for the whole system or for one user.</summary>
    public required SchedulerScope Scope { get; init; }

    /// <summary>The account of the operating system that registered it; null in a log of an earlier version.</summary>
    public string? Account { get; init; }

    /// <summary>The version of DeployOps that registered it; null in a log of an earlier one.</summary>
    public string? ModuleVersion { get; init; }

    /// <summary>The full paths of what was written for it.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>The command of one check-in, as a shell takes it.</summary>
    public required string Command { get; init; }

    /// <summary>When the scheduler had taken it, UTC; null where it took none, or whoever registered it ended before that was known.</summary>
    public DateTimeOffset? InstalledAt { get; init; }

    /// <summary>When it was taken away, UTC; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it was taken away; empty while it stands, and where the scheduler took none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>True while check-ins are to come.</summary>
    [JsonIgnore]
    public bool IsActive => EndedAt is null;

    /// <summary>True where it was begun, the scheduler is not known to have taken it, and nobody ended it: registering goes on with it.</summary>
    [JsonIgnore]
    public bool IsPending => InstalledAt is null && Reason.Length == 0;
}
