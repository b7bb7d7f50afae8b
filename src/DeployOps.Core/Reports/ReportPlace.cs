using DeployOps.Reports.Html;
using DeployOps.Reports.Markdown;

namespace DeployOps.Reports;

/// <summary>Where a report may be written: a report takes the place of a report, and of nothing else.</summary>
internal static class ReportPlace
{
    /// <summary>In characters; the mark stands in the page's head, far before that.</summary>
    private const int LongestHead = 1000;

    private static readonly StringComparison Names = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>Refuses every other place.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="own">The window's own report, which may always be written.</param>
    /// <param name="homes">The folders that hold logs, locks and approved files.</param>
    /// <param name="force">True where any file outside the homes may be replaced.</param>
    /// <exception cref="DeployOpsException"><c>ReportInsideHome</c>; <c>ReportOverAnotherFile</c>.</exception>
    internal static void Require(string path, string own, IReadOnlyList<string> homes, bool force)
    {
        var real = Real(path);
        if (real.Equals(Real(own), Names))
        {
            return;
        }

        if (homes.FirstOrDefault(home => $"{real}{Path.DirectorySeparatorChar}".StartsWith($"{RealFolder(Path.TrimEndingDirectorySeparator(home))}{Path.DirectorySeparatorChar}", Names)) is { } home)
        {
            throw new DeployOpsException(
                "ReportInsideHome",
                FaultKind.Denied,
                $"The report is not written to {path}: execution logs and what belongs to them live below {home}.",
                $"Name a file outside, or leave -Path out for the window's own report, {own}.")
            { Target = path };
        }

        if (!force && File.Exists(path) && !IsReport(path))
        {
            throw new DeployOpsException(
                "ReportOverAnotherFile",
                FaultKind.InvalidOperation,
                $"{path} exists and is not a report that DeployOps wrote.",
                "Name another file, or replace it with -Force.")
            { Target = path };
        }
    }

    // What cannot be read is not known to be one.
    private static bool IsReport(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var head = new char[LongestHead];
            ReadOnlySpan<char> read = head.AsSpan(0, reader.ReadBlock(head));
            return read.Contains(HtmlPage.Generator, StringComparison.Ordinal) || read.StartsWith(MarkdownPage.Generator, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // The path behind its folders' links. A link in the file's own place is not followed: it is what would be replaced.
    private static string Real(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return Path.GetDirectoryName(full) is { } folder ? Path.Combine(RealFolder(folder), Path.GetFileName(full)) : full;
    }

    private static string RealFolder(string folder)
    {
        if (Path.GetDirectoryName(folder) is not { } above)
        {
            return folder;
        }

        var real = Path.Combine(RealFolder(above), Path.GetFileName(folder));
        return Directory.Exists(real) && Directory.ResolveLinkTarget(real, returnFinalTarget: true) is { } target ? RealFolder(target.FullName) : real;
    }
}
