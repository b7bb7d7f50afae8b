using System.Management.Automation;
using DeployOps.Journal;
using DeployOps.Pipeline;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Writes an issue that was met, and how it was resolved, to a window's execution log.</summary>
/// <remarks>It needs no lock: a colleague may write a note while the runbook runs in another terminal. Notes stand in the report. With -WhatIf it emits the record as it would be, its Outcome Planned.</remarks>
/// <example>
/// <code>$window | Add-DeploymentNote -Issue 'Cache was cold for two minutes.' -Resolution 'Warmed it with the nightly script.'</code>
/// <para>Writes the note and emits its record.</para>
/// </example>
/// <example>
/// <code>Get-DeploymentWindow -Open -Service shop -Environment production | Add-DeploymentNote 'Support reports slow logins.'</code>
/// <para>Writes an issue that is not resolved yet.</para>
/// </example>
[Cmdlet(VerbsCommon.Add, "DeploymentNote", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(JournalRecord))]
public sealed class AddDeploymentNoteCommand : WindowCommand
{
    /// <summary>What was met.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string Issue { get; set; } = "";

    /// <summary>How it was resolved; leave it out while it is not.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Resolution { get; set; }

    private protected override async Task ProcessAsync()
    {
        RefusePlanned();
        var notes = new WindowNotes(Ports);
        if (Window.State != WindowState.Planned)
        {
            await notes.LearnSecretsAsync(Window);
        }

        if (!await ShouldProcessAsync($"{Window.Id} in {Window.Environment}", $"Write the note '{Issue}'"))
        {
            await EmitAsync(notes.Plan(Window, Issue, Resolution));
            return;
        }

        var note = await notes.AddAsync(Window, Issue, Resolution);
        await TellAsync(Window);
        await EmitAsync(note);
    }
}
