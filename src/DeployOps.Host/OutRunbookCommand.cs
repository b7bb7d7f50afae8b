using System.Management.Automation;
using Microsoft.PowerShell.Commands;

namespace DeployOps.Host;

/// <summary>
/// The end of a runbook's pipe. The engine's own formatter shows everything but errors: it wraps those at the width of a table, which
/// breaks a search through a log, and leaves their ids out.
/// </summary>
/// <remarks>It keeps the engine's name, by which the engine knows that a native command may write to the terminal itself.</remarks>
[Cmdlet(VerbsData.Out, "Default")]
internal sealed class OutRunbookCommand : OutDefaultCommand
{
    // A native command's line on standard error comes this far only where the script sent it along with its results (2>&1).
    private const string NativeLine = "NativeCommandError";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (InputObject?.BaseObject is not ErrorRecord error)
        {
            base.ProcessRecord();
        }
        else if (error.FullyQualifiedErrorId.StartsWith(NativeLine, StringComparison.Ordinal))
        {
            Host.UI.WriteLine(error.Exception.Message);
        }
        else
        {
            Host.UI.WriteErrorLine(ErrorText.Format(error));
        }
    }
}
