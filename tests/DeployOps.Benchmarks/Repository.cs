namespace DeployOps.Benchmarks;

/// <summary>Where the repository lies, from wherever a benchmark's process was built.</summary>
internal static class Repository
{
    /// <summary>The full path of one of its files.</summary>
    internal static string File(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "DeployOps.sln")))
            {
                return Path.Combine(folder.FullName, name);
            }
        }

        throw new FileNotFoundException($"No folder above {AppContext.BaseDirectory} holds DeployOps.sln.");
    }
}
