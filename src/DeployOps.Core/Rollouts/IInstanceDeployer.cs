using DeployOps.Plans;
using DeployOps.Windows;

namespace DeployOps.Rollouts;

/// <summary>Makes one instance run one version by the plan's deploy script.</summary>
public interface IInstanceDeployer
{
    /// <summary>Runs the approved bytes of the script with <c>-Instance -Version -Window</c> and returns what it wrote, redacted.</summary>
    /// <param name="request">The script and its arguments.</param>
    /// <param name="cancellationToken">Stops the script; returns after it has stopped.</param>
    /// <returns>All streams of the script, in order.</returns>
    /// <exception cref="DeployOpsException"><c>DeployScriptFailed</c>, <c>DeployScriptTimeout</c>.</exception>
    Task<string> DeployAsync(DeployRequest request, CancellationToken cancellationToken);

    /// <summary>The first mistake that would keep a script from being run at all; null where it has none. Nothing is run.</summary>
    /// <param name="path">Where the script lies.</param>
    /// <param name="text">Its text.</param>
    PlanError? FindMistake(string path, string text);

    /// <summary>The commands that a script without such a mistake calls and its session would not find here, each where it is called first. Nothing is run.</summary>
    /// <param name="path">Where the script lies.</param>
    /// <param name="text">Its text.</param>
    IReadOnlyList<PlanError> FindUnknown(string path, string text);
}
