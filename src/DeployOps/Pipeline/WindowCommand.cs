using System.Management.Automation;
using DeployOps.Windows;

namespace DeployOps.Pipeline;

/// <summary>What every cmdlet shares that works on a window.</summary>
public abstract class WindowCommand : DeploymentCommand
{
    /// <summary>The parameter set of a window; a cmdlet that also works without one has another beside it.</summary>
    private protected const string WindowSet = "Window";

    // Without a position: a word that is typed first is never taken for the window that comes through the pipeline.
    /// <summary>The deployment window, or any result of it: pipe either. Only its identity is taken from it; its state is read from the journal.</summary>
    [Parameter(ParameterSetName = WindowSet, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNull]
    public DeploymentWindow Window { get; set; } = null!;

    private protected override string? WindowId => Window?.Id;

    /// <summary>Refuses a window that was only planned: there is nothing on the disk to work on.</summary>
    private protected void RefusePlanned()
    {
        if (Window.State == WindowState.Planned && !IsWhatIf)
        {
            throw new DeployOpsException(
                "WindowOnlyPlanned",
                FaultKind.InvalidOperation,
                $"{Window.Id} was only planned (-WhatIf); there is nothing to work on.",
                "Start it with Start-DeploymentWindow, or give -WhatIf here too.");
        }
    }
}
