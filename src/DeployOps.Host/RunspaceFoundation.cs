using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace DeployOps.Host;

/// <summary>What a runbook finds when it starts.</summary>
internal static class RunspaceFoundation
{
    private const string ModuleName = "DeployOps";

    /// <summary>The engine's core commands, errors shown in full, and <c>Import-Module DeployOps</c> by name.</summary>
    /// <param name="manifest">The module's manifest.</param>
    public static InitialSessionState Create(string manifest)
    {
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Remove("Out-Default", typeof(SessionStateCmdletEntry));
        state.Commands.Add(new SessionStateCmdletEntry("Out-Default", typeof(OutRunbookCommand), helpFileName: null));
        state.Commands.Add(new SessionStateFunctionEntry("Import-Module", ImportByName(manifest)));
        return state;
    }

    // The engine finds a module by name only in a folder of that name, and a clone may have any. Given the path that is loaded already it
    // does nothing, as it should; so the name is replaced by the path.
    private static string ImportByName(string manifest) => $$"""
        for ($i = 0; $i -lt $args.Count; $i++) {
            if ($args[$i] -is [string] -and $args[$i] -eq '{{ModuleName}}') { $args[$i] = '{{CodeGeneration.EscapeSingleQuotedStringContent(manifest)}}' }
        }
        if ($MyInvocation.ExpectingInput) { $input | Microsoft.PowerShell.Core\Import-Module @args } else { Microsoft.PowerShell.Core\Import-Module @args }
        """;
}
