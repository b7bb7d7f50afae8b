namespace DeployOps;

/// <summary>Where a path leads behind the links of its folders and its own: two names of one file lead to the same.</summary>
internal static class RealPath
{
    /// <summary>How the file systems of this system mostly compare names.</summary>
    internal static StringComparison Names { get; } = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>The path of a file behind every link.</summary>
    internal static string OfFile(string path)
    {
        var real = BesideLinks(path);
        return File.Exists(real) && File.ResolveLinkTarget(real, returnFinalTarget: true) is { } target ? BesideLinks(target.FullName) : real;
    }

    /// <summary>The path of a file behind the links of its folders; a link in its own place is not followed.</summary>
    internal static string BesideLinks(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.GetDirectoryName(full) is { } folder ? Path.Combine(OfFolder(folder), Path.GetFileName(full)) : full;
    }

    /// <summary>The path of a folder behind every link.</summary>
    internal static string OfFolder(string folder)
    {
        if (Path.GetDirectoryName(folder) is not { } above)
        {
            return folder;
        }

        var real = Path.Combine(OfFolder(above), Path.GetFileName(folder));
        return Directory.Exists(real) && Directory.ResolveLinkTarget(real, returnFinalTarget: true) is { } target ? OfFolder(target.FullName) : real;
    }
}
