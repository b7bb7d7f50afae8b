using System.Management.Automation;
using DeployOps.Journal;
using DeployOps.Pipeline;

namespace DeployOps.Commands;

/// <summary>Verifies the execution log of a window: every line whole, each following the one before it.</summary>
/// <remarks>
/// Emits one JournalVerification and, where a line is wrong, writes an error that names the first bad one. A chain of hashes shows a change in
/// the middle; that the end was cut off shows only the head, so compare it with the one in the report or in a message.
/// </remarks>
/// <example>
/// <code>Get-DeploymentWindow | Test-DeploymentLog</code>
/// <para>Verifies the log of every window.</para>
/// </example>
/// <example>
/// <code>($window | Test-DeploymentLog).Head</code>
/// <para>The log's head, to compare with the one that was written down.</para>
/// </example>
/// <example>
/// <code>Test-DeploymentLog -Path ./shop-2.4.0-1/journal.jsonl</code>
/// <para>Verifies a log by its file: a copy, or one that no cmdlet trusts any more.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "DeploymentLog", DefaultParameterSetName = WindowSet)]
[OutputType(typeof(JournalVerification))]
public sealed class TestDeploymentLogCommand : WindowCommand
{
    private const string PathSet = "Path";

    /// <summary>The file of a log, a journal.jsonl, where there is no window to pipe. Files may be piped.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override async Task ProcessAsync()
    {
        var verification = Verify();
        await EmitAsync(verification);
        if (verification.Fault is { } fault)
        {
            await WriteErrorAsync(new DeployOpsException(
                "JournalCorrupt",
                FaultKind.Security,
                $"{verification.Path}:{fault.Line} is not what was written: {fault.Reason}. {verification.Records} records before it are intact.",
                "Bring the file back from a copy, and find out who changed it.")
            { Target = verification });
        }
    }

    private JournalVerification Verify()
    {
        if (ParameterSetName == PathSet)
        {
            return JournalVerification.Verify(FullPath(Path));
        }

        RefusePlanned();
        return JournalVerification.Verify(Window.LogPath) with { Window = Window };
    }
}
