namespace DeployOps.Host;

/// <summary>Finds the module that this host belongs to.</summary>
internal static class ModuleLocator
{
    private const string ManifestName = "DeployOps.psd1";

    /// <summary>Walks up from a folder to the first that holds the module's manifest.</summary>
    /// <param name="folder">Where the host's own files are.</param>
    /// <returns>The manifest's full path.</returns>
    /// <exception cref="UsageException">No folder above holds it.</exception>
    public static string FindManifest(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            var candidate = Path.Combine(current.FullName, ManifestName);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new UsageException($"There is no {ManifestName} in '{folder}' or any folder above it. Keep the host inside the module's folder.");
    }
}
