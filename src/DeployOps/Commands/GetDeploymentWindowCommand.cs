using System.Management.Automation;
using DeployOps.Completion;
using DeployOps.Pipeline;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Commands;

/// <summary>Gets deployment windows, newest first.</summary>
/// <remarks>
/// Every window is read from its own journal below $env:DEPLOYOPS_HOME, or the user's state folder.
/// A journal that cannot be trusted is warned of and left out; a folder that cannot be looked into is an error, and what can be is listed all the same.
/// </remarks>
/// <example>
/// <code>Get-DeploymentWindow -Open</code>
/// <para>The windows that still go forward or are going back.</para>
/// </example>
/// <example>
/// <code>Get-DeploymentWindow -Id shop-2.4.0-1 | Get-DeploymentLog</code>
/// <para>The execution log of one window.</para>
/// </example>
[Cmdlet(VerbsCommon.Get, "DeploymentWindow")]
[OutputType(typeof(DeploymentWindow))]
public sealed class GetDeploymentWindowCommand : DeploymentCommand
{
    /// <summary>The window's id, such as shop-2.4.0-1. Wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(WindowIdCompleter))]
    [SupportsWildcards]
    public string Id { get; set; } = "*";

    /// <summary>Only windows of this service.</summary>
    [Parameter]
    public string? Service { get; set; }

    /// <summary>Only windows of this environment.</summary>
    [Parameter]
    public string? Environment { get; set; }

    /// <summary>
    /// Only windows that have not ended: open, going back, or failed to go back. One that was stopped has ended, even where what it changed stands:
    /// name it by its id to go back.
    /// </summary>
    [Parameter]
    public SwitchParameter Open { get; set; }

    private protected override async Task ProcessAsync()
    {
        var pattern = WildcardPattern.Get(Id, WildcardOptions.IgnoreCase);
        var all = await WindowCatalog.AllAsync(Ports);
        var found = all.Windows
            .Where(window => pattern.IsMatch(window.Id))
            .Where(window => Service is null || window.Service.Equals(Service, StringComparison.OrdinalIgnoreCase))
            .Where(window => Environment is null || window.Environment.Equals(Environment, StringComparison.OrdinalIgnoreCase))
            .Where(window => !Open || window.State is WindowState.Open or WindowState.RollingBack or WindowState.RollbackFailed)
            .ToList();
        foreach (var window in found)
        {
            await EmitAsync(window);
        }

        var unreadable = all.Unreadable.Where(why => MayHoldWhatIsAskedFor((string)why.Target!)).ToList();
        foreach (var why in unreadable)
        {
            await WriteErrorAsync(why);
        }

        var isOne = !WildcardPattern.ContainsWildcardCharacters(Id);
        var untrusted = all.Untrusted.Where(window => pattern.IsMatch(window.Id)).ToList();
        foreach (var (_, why) in untrusted)
        {
            if (isOne)
            {
                await WriteErrorAsync(why);
            }
            else
            {
                Reporter.Warn($"Left out: {why.Message}");
            }
        }

        if (isOne && found.Count + untrusted.Count + unreadable.Count == 0)
        {
            await WriteErrorAsync(new DeployOpsException(
                "WindowNotFound", FaultKind.NotFound, $"There is no deployment window '{Id}' below {Ports.Home.Root}.", "Get-DeploymentWindow lists all; check $env:DEPLOYOPS_HOME.")
            { Target = Id });
        }
    }

    // Another service's folder, which this account need not read, is in nobody's way.
    private bool MayHoldWhatIsAskedFor(string folder)
    {
        var names = Path.GetRelativePath(Ports.Home.Root, folder).Split(Path.DirectorySeparatorChar);
        return (Service is null || names[0].Equals(Service, StringComparison.OrdinalIgnoreCase))
            && (Environment is null || names.Length == 1 || names[1].Equals(Environment, StringComparison.OrdinalIgnoreCase));
    }
}
