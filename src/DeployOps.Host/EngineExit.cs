using System.Management.Automation.Runspaces;
using System.Reflection;

namespace DeployOps.Host;

/// <summary>Makes <c>exit n</c> in the script that runs next reach the host.</summary>
internal static class EngineExit
{
    private const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>
    /// Sets the flag that <c>pwsh -File</c> sets. Without it the engine only stores n in <c>$LASTEXITCODE</c>, where it cannot be told from
    /// what a native command left there; it has no public way to ask for this.
    /// </summary>
    /// <exception cref="InvalidOperationException">This engine has no such flag.</exception>
    public static void LeaveWithScript(Runspace runspace)
    {
        var context = typeof(Runspace).GetProperty("ExecutionContext", Hidden)?.GetValue(runspace);
        var flag = context?.GetType().GetProperty("ScriptCommandProcessorShouldRethrowExit", Hidden)
            ?? throw new InvalidOperationException("This version of the engine passes no exit code on. Use System.Management.Automation 7.6.9.");
        flag.SetValue(context, true);
    }
}
