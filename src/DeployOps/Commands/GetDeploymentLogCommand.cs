using System.Management.Automation;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Gets the execution log of a window: what happened, when, and with which numbers.</summary>
/// <remarks>The log is read and verified from its first line; a line that is not what was written is an error.</remarks>
/// <example>
/// <code>Get-DeploymentWindow shop-2.4.0-1 | Get-DeploymentLog</code>
/// <para>The whole log.</para>
/// </example>
/// <example>
/// <code>$window | Get-DeploymentLog -Kind Gate -Phase Rollout</code>
/// <para>The gates of the rollout with the numbers that decided.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "DeploymentLog")]
[OutputType(typeof(JournalRecord))]
public sealed class GetDeploymentLogCommand : WindowCommand
{
    /// <summary>Only records of these kinds.</summary>
    [Parameter]
    public JournalKind[] Kind { get; set; } = [];

    /// <summary>Only records of these phases.</summary>
    [Parameter]
    public DeploymentPhase[] Phase { get; set; } = [];

    /// <summary>Only records about this target, such as deploy/green-1. Wildcards are allowed.</summary>
    [Parameter]
    [SupportsWildcards]
    public string? Target { get; set; }

    /// <summary>Only records written at this time or later.</summary>
    [Parameter]
    public DateTimeOffset? After { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        var pattern = Target is null ? null : WildcardPattern.Get(Target, WildcardOptions.IgnoreCase);
        foreach (var record in await new WindowNotes(Ports).ReadAsync(Window))
        {
            if (Matches(record, pattern))
            {
                await EmitAsync(record);
            }
        }
    }

    private bool Matches(JournalRecord record, WildcardPattern? pattern) =>
        (Kind.Length == 0 || Kind.Contains(record.Kind))
        && (Phase.Length == 0 || (record.Phase is { } phase && Phase.Contains(phase)))
        && (pattern is null || (record.Target is { } target && pattern.IsMatch(target)))
        && (After is null || record.Time >= After);
}
