using System.Diagnostics;
using DeployOps.Tests.Host;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Pipeline;

/// <summary>A deploy script in a folder of its own, run by the module's deployer.</summary>
internal sealed class DeployScript : IDisposable
{
    private readonly EngineHost _engine = new();
    private readonly ScriptFolder _folder = new();
    private readonly dynamic _redactor;
    private readonly object _deployer;

    public DeployScript()
    {
        _redactor = LoadedModule.Make("DeployOps.Secrets.Redactor");
        _deployer = LoadedModule.Make("DeployOps.Pipeline.RunspaceDeployer", (object)_redactor, TimeProvider.System);
    }

    public string PathOf(string name) => _folder.PathOf(name);

    public string Write(string name, string text) => _folder.Write(name, text);

    public Task AppearsAsync(string name) => _folder.AppearsAsync(name);

    public void Keep(string secret) => _redactor.Register(secret);

    /// <summary>Runs a script as the rollout does.</summary>
    public async Task<string> RunAsync(string text, TimeSpan? timeout = null, string version = "2.4.0", CancellationToken token = default)
    {
        var instance = LoadedModule.Record("DeployOps.Rollouts.InstanceSpec", ("Name", "green-1"), ("Pool", "green"), ("Uri", new Uri("http://127.0.0.1:8102")));
        var window = LoadedModule.Record("DeployOps.Windows.DeploymentWindow", ("Id", "shop-2.4.0-1"), ("Environment", "production"));
        var request = LoadedModule.Make("DeployOps.Rollouts.DeployRequest", _folder.PathOf("deploy.ps1"), text, instance, version, window, timeout ?? TimeSpan.FromSeconds(30));

        return await (Task<string>)_deployer.GetType().GetMethod("DeployAsync")!.Invoke(_deployer, [request, token])!;
    }

    /// <summary>The commands that a script would not find, as they are told.</summary>
    public IReadOnlyList<string> Unknown(string text)
    {
        var found = (System.Collections.IEnumerable)_deployer.GetType().GetMethod("FindUnknown")!.Invoke(_deployer, [_folder.PathOf("deploy.ps1"), text])!;
        return [.. found.Cast<object>().Select(one => one.ToString()!)];
    }

    /// <summary>Runs a script that shall fail and gives its error's id and message.</summary>
    public async Task<(string Id, string Message)> FailAsync(string text, TimeSpan? timeout = null)
    {
        var error = await Should.ThrowAsync<Exception>(() => RunAsync(text, timeout));
        error.GetType().Name.ShouldBe("DeployOpsException", error.ToString());
        return (((dynamic)error).ErrorId, error.Message);
    }

    /// <summary>Whether a process with this id lives.</summary>
    public static bool IsAlive(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _folder.Dispose();
        _engine.Dispose();
    }
}
