using System.Management.Automation;
using System.Reflection;
using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Pipeline;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Secrets;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Loading;

/// <summary>
/// Puts the module together: the one place where ports meet their adapters. Cmdlets are made by the engine, so this is what they find it by.
/// </summary>
public sealed class ModuleServices : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly Lock Gate = new();
    private static Ports? ports;

    /// <summary>The module's ports, made when the first cmdlet needs them: an import loads no package.</summary>
    internal static Ports Ports
    {
        get
        {
            lock (Gate)
            {
                return (ports ??= Compose()) with { Home = DeploymentHome.Find(Environment.GetEnvironmentVariable), Operator = OperatorIdentity.Current() };
            }
        }
    }

    /// <inheritdoc/>
    public void OnImport()
    {
        // Nothing is loaded before a cmdlet needs it.
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        lock (Gate)
        {
            ports?.JournalThread.Dispose();
            ports?.Http.Dispose();
            ports = null;
        }
    }

    private static Ports Compose()
    {
        var redactor = new Redactor();
        return new Ports
        {
            Home = DeploymentHome.Find(Environment.GetEnvironmentVariable),
            JournalThread = new JournalThread(),
            Redactor = redactor,
            Plans = new PlanReader(new DataFileSyntax(), new SecretSource(Environment.GetEnvironmentVariable, SecretVault.Find()), redactor, () => DeploymentHome.Find(Environment.GetEnvironmentVariable)),
            Adapters = LoadAdapters(),
            Deployer = new RunspaceDeployer(redactor, TimeProvider.System),
            Http = new HttpAsker(TimeProvider.System),
            Operator = OperatorIdentity.Current(),
            ModuleVersion = Assembly.GetExecutingAssembly().GetName().Version!.ToString(3),
        };
    }

    private static IAdapters LoadAdapters()
    {
        var folder = Path.Combine(Path.GetDirectoryName(Assembly.GetExecutingAssembly().Location)!, "deps");
        var assembly = new DependencyContext(folder).LoadFromAssemblyPath(Path.Combine(folder, "DeployOps.Adapters.dll"));
        var type = assembly.GetType("DeployOps.Adapters.Adapters", throwOnError: true)!;

        return (IAdapters)Activator.CreateInstance(type, TimeProvider.System)!;
    }
}
