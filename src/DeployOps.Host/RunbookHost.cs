using System.Globalization;
using System.Management.Automation.Host;

namespace DeployOps.Host;

/// <summary>The engine's view of this program.</summary>
internal sealed class RunbookHost(RunbookUserInterface userInterface, Terminal terminal) : PSHost
{
    /// <inheritdoc/>
    public override string Name => "DeployOps.Host";

    /// <inheritdoc/>
    public override Version Version { get; } = typeof(RunbookHost).Assembly.GetName().Version ?? new Version(0, 0);

    /// <inheritdoc/>
    public override Guid InstanceId { get; } = Guid.NewGuid();

    /// <inheritdoc/>
    public override PSHostUserInterface UI => userInterface;

    /// <inheritdoc/>
    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    /// <inheritdoc/>
    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    /// <summary>The n of <c>exit n</c>; null where the script has not asked to leave.</summary>
    public int? RequestedExitCode { get; private set; }

    /// <inheritdoc/>
    public override void SetShouldExit(int exitCode) => RequestedExitCode = exitCode;

    /// <inheritdoc/>
    public override void NotifyBeginApplication() => terminal.HideProgress();

    /// <inheritdoc/>
    public override void NotifyEndApplication()
    {
    }

    /// <inheritdoc/>
    public override void EnterNestedPrompt() => throw NoNestedPrompt();

    /// <inheritdoc/>
    public override void ExitNestedPrompt() => throw NoNestedPrompt();

    private static HostException NoNestedPrompt() =>
        new("This host runs one script and has no prompt to suspend to. Answer the question otherwise, or run the script in pwsh.");
}
