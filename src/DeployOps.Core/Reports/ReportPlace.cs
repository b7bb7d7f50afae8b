using DeployOps.Reports.Html;
using DeployOps.Reports.Markdown;

namespace DeployOps.Reports;

/// <summary>Where a report may be written: a report takes the place of a report, and of nothing else.</summary>
internal static class ReportPlace
{
    /// <summary>In characters; the mark stands in the page's head, far before that.</summary>
    private const int LongestHead = 1000;

    /// <summary>Refuses every other place.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="own">The window's own report, which may always be written.</param>
    /// <param name="homes">The folders that hold logs, locks and approved files.</param>
    /// <param name="force">True where any file outside the homes may be replaced.</param>
    /// <exception cref="DeployOpsException"><c>ReportInsideHome</c>; <c>ReportOverAnotherFile</c>.</exception>
    internal static void Require(string path, string own, IReadOnlyList<string> homes, bool force)
    {
        // A link in the file's own place is not followed: it is what would be replaced.
        var real = RealPath.BesideLinks(path);
        if (real.Equals(RealPath.BesideLinks(own), RealPath.Names))
        {
            return;
        }

        if (homes.FirstOrDefault(home => $"{real}{Path.DirectorySeparatorChar}".StartsWith($"{RealPath.OfFolder(Path.TrimEndingDirectorySeparator(home))}{Path.DirectorySeparatorChar}", RealPath.Names)) is { } home)
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
}
