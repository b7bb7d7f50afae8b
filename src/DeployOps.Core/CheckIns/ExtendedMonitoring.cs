using System.Globalization;
using DeployOps.Health;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.CheckIns;

/// <summary>How the extended monitoring of a window stands.</summary>
public sealed record ExtendedMonitoring
{
    /// <summary>The window.</summary>
    public required DeploymentWindow Window { get; init; }

    /// <summary>How it was registered; null where it never was.</summary>
    public CheckInRegistration? Registration { get; init; }

    /// <summary>How many check-ins were made.</summary>
    public required int CheckIns { get; init; }

    /// <summary>How many should have been made and were not.</summary>
    public int Missed { get; init; }

    /// <summary>What the last one came to; null before the first.</summary>
    public HealthVerdict? Last { get; init; }

    /// <summary>When the next one is due, UTC; null where none is to come.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Succeeded where it stands as told; Planned under -WhatIf.</summary>
    public PhaseOutcome Outcome { get; init; } = PhaseOutcome.Succeeded;

    /// <summary>It in one line.</summary>
    public string Summary => Registration switch
    {
        null => "not registered",
        { IsPending: true, IsActive: true } begun when Outcome != PhaseOutcome.Planned => string.Create(CultureInfo.InvariantCulture, $"begun {begun.From.UtcDateTime:u}, and whether {begun.Scheduler} took it is not known: register it again; {CheckIns} check-ins so far{MissedOnes}{Verdict}"),
        { IsPending: true, IsActive: false, Scheduler: var scheduler } => $"not registered: {scheduler} took no check-ins",
        { EndedAt: { } ended } => string.Create(CultureInfo.InvariantCulture, $"ended {ended.UtcDateTime:u} after {CheckIns} check-ins{MissedOnes}{Verdict}"),
        var active => string.Create(CultureInfo.InvariantCulture, $"every {active.Every} until {active.Until.UtcDateTime:u} by {active.Scheduler}; {CheckIns} check-ins so far{MissedOnes}{Verdict}"),
    };

    private string MissedOnes => Missed == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({Missed} missed)");

    private string Verdict => Last is null ? "" : $", the last {Last}";

    /// <inheritdoc/>
    public override string ToString() => $"{Window.Id}: {Summary}";
}
