using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>One run of the deploy script.</summary>
/// <param name="ScriptPath">Where the script lies, which is its <c>$PSScriptRoot</c>.</param>
/// <param name="ScriptText">The approved text that is run.</param>
/// <param name="Instance">The instance to change.</param>
/// <param name="Version">The version it shall run, or <see cref="Stopped"/>.</param>
/// <param name="Window">The window this belongs to.</param>
/// <param name="Timeout">How long it may take.</param>
public sealed record DeployRequest(string ScriptPath, string ScriptText, InstanceSpec Instance, string Version, DeploymentWindow Window, TimeSpan Timeout)
{
    /// <summary>The version that means: the instance shall not run.</summary>
    public const string Stopped = "none";
}
