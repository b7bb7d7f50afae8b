namespace DeployOps.Core.Tests.Support;

/// <summary>A folder that is gone after the test; in memory where the system has such a place, since thousands of syncs would wait for a disk.</summary>
internal sealed class TempFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    public TempFolder()
    {
        Root = Directory.Exists(Memory)
            ? Directory.CreateDirectory(Path.Combine(Memory, $"deployops-{Guid.NewGuid():N}")).FullName
            : Directory.CreateTempSubdirectory("deployops-").FullName;
    }

    public string Root { get; }

    public string File(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
