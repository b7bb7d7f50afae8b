using DeployOps.Health;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.CheckIns;

/// <summary>One look at a release after its window was completed.</summary>
public sealed record ExtendedCheckIn
{
    /// <summary>The window.</summary>
    public required DeploymentWindow Window { get; init; }

    /// <summary>Which it was, from 1; 0 where it was only planned.</summary>
    public required int Number { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>From when on everything was judged, UTC: the check-in before, or the registration.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How many check-ins should have come in between and did not.</summary>
    public required int Missed { get; init; }

    /// <summary>What it came to.</summary>
    public required HealthVerdict Verdict { get; init; }

    /// <summary>Every metric and check with its numbers.</summary>
    public required IReadOnlyList<HealthFinding> Findings { get; init; }

    /// <summary>True where it was the last, and the scheduler will start no more.</summary>
    public required bool IsLast { get; init; }

    /// <summary>Succeeded where a look was made, whatever it found; Planned under -WhatIf.</summary>
    public required PhaseOutcome Outcome { get; init; }

    /// <summary>The look in one line: what is worst, with its numbers.</summary>
    public required string Summary { get; init; }

    /// <summary>
    /// What a process that makes it ends with, after the convention of monitoring plug-ins: 0 OK, 1 warning, 2 critical, 3 unknown.
    /// Source: nagios-plugins.org, Plugin Development Guidelines, Plugin Return Codes.
    /// </summary>
    public int ExitCode => Verdict switch
    {
        HealthVerdict.Healthy => 0,
        HealthVerdict.Degraded => 1,
        HealthVerdict.Rollback => 2,
        _ => 3,
    };

    /// <inheritdoc/>
    public override string ToString() => $"{Window.Id} check-in {Number}{(Missed == 0 ? "" : $", after {Missed} that were missed")}: {Verdict}: {Summary}";
}
