using System.Collections;
using System.Management.Automation;
using DeployOps.Completion;
using DeployOps.Notices;
using DeployOps.Pipeline;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Opens a deployment window: plan approved, lock taken, roles filled, health checked, baseline captured, backups proven.</summary>
/// <remarks>
/// Nothing in production is changed. Run again, it resumes the open window of the same approval; an approval opens one window, so when that has
/// ended it is given back as it ended. Who starts it is the Executor; who approved the plan is the Lead. What differs from the approval is refused,
/// or goes ahead with -Deviation and a reason; an open window then goes on with what is on the disk.
/// </remarks>
/// <example>
/// <code>$window = Start-DeploymentWindow ./plan.psd1</code>
/// <para>Opens or resumes the window of a plan.</para>
/// </example>
/// <example>
/// <code>Start-DeploymentWindow ./plan.psd1 -WhatIf | Invoke-DbMigration -WhatIf | Invoke-Rollout -WhatIf</code>
/// <para>Shows what a release would do and changes nothing.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Start, "DeploymentWindow", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(DeploymentWindow))]
public sealed class StartDeploymentWindowCommand : DeploymentCommand
{
    private string? windowId;

    /// <summary>The plan file, a .psd1.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Roles beside the plan, such as @{ Monitor = 'observer' }. Names: Monitor, Communicator.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(TeamCompleter))]
    public Hashtable Team { get; set; } = [];

    /// <summary>The reason for going ahead against what is refused: no approval, a changed file, another runbook. It is written to the execution log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Deviation { get; set; }

    private protected override string? WindowId => windowId;

    private protected override async Task ProcessAsync()
    {
        var opener = new WindowOpener(Ports, Reporter, new StartRequest
        {
            PlanPath = FullPath(Path),
            StartedFrom = MyInvocation.ScriptName ?? "",
            Team = Roles(),
            Deviation = Deviation,
        });
        var prepared = await opener.PrepareAsync(Token);
        if (prepared.IsDone)
        {
            windowId = prepared.Window.Id;
            await TellAsync(prepared.Window);
            await EmitAsync(prepared.Window);
            return;
        }

        var window = prepared.Window;
        windowId = window.Id;
        if (await ShouldProcessAsync($"{window.Service} {window.Release} in {window.Environment}", $"Open window {window.Id}: {prepared.Preparation.Summary}"))
        {
            try
            {
                window = await opener.OpenAsync(prepared, Token);
            }
            finally
            {
                if (opener.Opened is { } opened)
                {
                    await new NoticeDesk(Ports, Reporter).TellEarlierAsync(opened, Token);
                    await TellAsync(opened);
                }
            }
        }

        await EmitAsync(window);
    }

    private Dictionary<string, string> Roles()
    {
        var roles = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in Team)
        {
            var name = entry.Key.ToString()!;
            if (!StartRequest.Roles.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                throw new DeployOpsException("RoleUnknown", FaultKind.InvalidData, $"-Team names the role '{name}'.", $"Known roles are: {string.Join(", ", StartRequest.Roles)}.");
            }

            roles[name] = entry.Value?.ToString() ?? "";
        }

        return roles;
    }
}
