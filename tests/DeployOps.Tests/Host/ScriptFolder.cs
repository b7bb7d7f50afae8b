namespace DeployOps.Tests.Host;

/// <summary>A folder of its own for a test's scripts.</summary>
internal sealed class ScriptFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("deployops-host-");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    /// <summary>Waits until a script has made a file, which says how far it is.</summary>
    public async Task AppearsAsync(string name)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!File.Exists(PathOf(name)))
        {
            await Task.Delay(20, deadline.Token);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
