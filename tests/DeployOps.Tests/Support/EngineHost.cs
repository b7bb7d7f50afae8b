using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using DeployOps.Tests.Host;

namespace DeployOps.Tests.Support;

/// <summary>The real engine with the module imported from its manifest, and a home of its own.</summary>
internal sealed class EngineHost : IDisposable
{
    private const string HomeVariable = "DEPLOYOPS_HOME";

    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("deployops-home-");
    private readonly string? _homeBefore = Environment.GetEnvironmentVariable(HomeVariable);
    private readonly Runspace _runspace;

    /// <summary>Starts the engine.</summary>
    /// <param name="host">Who shows and answers; null where nobody can.</param>
    /// <param name="modules">Modules beside DeployOps, imported after it.</param>
    public EngineHost(PSHost? host = null, params string[] modules)
    {
        Environment.SetEnvironmentVariable(HomeVariable, _home.FullName);
        var state = InitialSessionState.CreateDefault2();
        _runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        _runspace.Open();
        foreach (var module in new[] { Manifest }.Concat(modules))
        {
            Invoke("param($Module) Import-Module $Module -ErrorAction Stop", ("Module", module)).Clean();
        }
    }

    /// <summary>The root manifest.</summary>
    public static string Manifest { get; } = Path.Combine(HostProcess.RepositoryRoot, "DeployOps.psd1");

    /// <summary>The module of misbehaving cmdlets.</summary>
    public static string Probes { get; } = Path.Combine(
        HostProcess.RepositoryRoot,
        "tests",
        "DeployOps.Tests.Probes",
        "bin",
        AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug",
        "net10.0",
        "DeployOps.Tests.Probes.dll");

    /// <summary>DEPLOYOPS_HOME of this engine.</summary>
    public string Home => _home.FullName;

    /// <summary>Runs a script to its end.</summary>
    public EngineResult Invoke(string script, params (string Name, object? Value)[] parameters)
    {
        using var shell = Shell(script, parameters);
        var output = new List<PSObject>();
        Exception? exception = null;
        try
        {
            shell.Invoke(null, output);
        }
        catch (RuntimeException e)
        {
            exception = e;
        }

        return new EngineResult(output, [.. shell.Streams.Error], [.. shell.Streams.Warning.Select(warning => warning.Message)], [.. shell.Streams.Progress], exception);
    }

    /// <summary>Runs a script, stops it once told to, and returns when the engine says that it has stopped.</summary>
    public Task<EngineResult> InvokeAndStopAsync(string script, Func<Task> until, params (string Name, object? Value)[] parameters) =>
        InvokeAndStopAsync(script, until, () => { }, parameters);

    /// <summary>Runs a script, stops it once told to, and looks around at the moment when the engine says that it has stopped.</summary>
    public async Task<EngineResult> InvokeAndStopAsync(string script, Func<Task> until, Action stopped, params (string Name, object? Value)[] parameters)
    {
        using var shell = Shell(script, parameters);
        using var output = new PSDataCollection<PSObject>();
        var running = Task.Factory.FromAsync(shell.BeginInvoke<PSObject, PSObject>(null, output), shell.EndInvoke);
        await until();
        shell.Stop();
        stopped();
        Exception? exception = null;
        try
        {
            await running;
        }
        catch (RuntimeException e)
        {
            exception = e;
        }

        return new EngineResult([.. output], [.. shell.Streams.Error], [.. shell.Streams.Warning.Select(warning => warning.Message)], [.. shell.Streams.Progress], exception);
    }

    /// <summary>What Tab offers at the end of a line.</summary>
    public IReadOnlyList<string> Complete(string line)
    {
        using var shell = PowerShell.Create(_runspace);
        return [.. CommandCompletion.CompleteInput(line, line.Length, options: null, shell).CompletionMatches.Select(match => match.CompletionText)];
    }

    public void Dispose()
    {
        _runspace.Dispose();
        Environment.SetEnvironmentVariable(HomeVariable, _homeBefore);
        _home.Delete(recursive: true);
    }

    private PowerShell Shell(string script, (string Name, object? Value)[] parameters)
    {
        var shell = PowerShell.Create(_runspace).AddScript(script);
        foreach (var (name, value) in parameters)
        {
            shell.AddParameter(name, value);
        }

        return shell;
    }
}
