namespace DeployOps.Core.Tests.Support;

/// <summary>The sources these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The full path of something in it.</summary>
    public static string PathOf(params string[] names)
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "DeployOps.sln")))
        {
            folder = Path.GetDirectoryName(folder).ShouldNotBeNull("the sources are not above the tests");
        }

        return Path.Combine([folder, .. names]);
    }
}
