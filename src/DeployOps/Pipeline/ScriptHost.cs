using System.Globalization;
using System.Management.Automation.Host;

namespace DeployOps.Pipeline;

/// <summary>The host a deploy script sees: nobody to ask, nothing to show, and an exit code that is kept.</summary>
internal sealed class ScriptHost : PSHost
{
    /// <summary>The code the script gave to <c>exit</c>; null where it did not exit.</summary>
    internal int? ExitCode { get; private set; }

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "DeployOps deploy script";

    public override Version Version { get; } = typeof(ScriptHost).Assembly.GetName().Version!;

    public override PSHostUserInterface? UI => null;

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => throw new NotSupportedException("A deploy script has nobody to prompt.");

    public override void ExitNestedPrompt() => throw new NotSupportedException("A deploy script has nobody to prompt.");

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }
}
