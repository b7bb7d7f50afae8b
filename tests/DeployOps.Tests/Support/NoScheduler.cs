namespace DeployOps.Tests.Support;

/// <summary>A process that finds no program of a scheduler, and whose units would be in a folder of its own: nothing is registered with the scheduler of whoever runs the tests.</summary>
internal sealed class NoScheduler : IDisposable
{
    private static readonly string[] Changed = ["PATH", "XDG_CONFIG_HOME"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("deployops-none-");
    private readonly Dictionary<string, string?> _before = Changed.ToDictionary(name => name, Environment.GetEnvironmentVariable);

    public NoScheduler()
    {
        foreach (var name in Changed)
        {
            Environment.SetEnvironmentVariable(name, _folder.FullName);
        }
    }

    public void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        _folder.Delete(recursive: true);
    }
}
