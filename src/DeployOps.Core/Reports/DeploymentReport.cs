using System.Text;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Reports.Html;
using DeployOps.Reports.Markdown;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>Writes the report of a window from its journal.</summary>
public sealed class DeploymentReport
{
    /// <summary>The name of the report in a window's folder.</summary>
    public const string FileName = "report.html";

    /// <summary>The name of the report as Markdown in a window's folder, where one was asked for.</summary>
    public const string MarkdownName = "report.md";

    private readonly Ports ports;

    /// <summary>Makes the writer.</summary>
    public DeploymentReport(Ports ports) => this.ports = ports;

    /// <summary>Writes a window's own report anew after a phase. A report that cannot be written is warned of: the journal has everything, and Export-DeploymentReport tries again.</summary>
    internal void Refresh(WindowSession session, IStepReporter reporter)
    {
        try
        {
            Write(session, Path.Combine(session.Folder, FileName), ReportFormat.Html);
        }
        catch (Exception e)
        {
            // Whatever it is, it must not decide over a phase that has already ended in the journal.
            reporter.Warn($"The report could not be written: {e.Message} Export-DeploymentReport writes it when that is mended.");
        }
    }

    /// <summary>Writes a window's own report anew after something was added to its log; a report that cannot be written is warned of.</summary>
    public async Task RefreshAsync(DeploymentWindow window, IStepReporter reporter)
    {
        ArgumentNullException.ThrowIfNull(reporter);
        try
        {
            await WriteAsync(window);
        }
        catch (Exception e)
        {
            // Whatever it is, it must not take the place of what the command ends with.
            reporter.Warn($"{(e as DeployOpsException)?.Fact ?? $"The report could not be written: {e.Message}"} Export-DeploymentReport writes it when that is mended.");
        }
    }

    /// <summary>A window's own report.</summary>
    public static string OwnPath(DeploymentWindow window, ReportFormat format)
    {
        ArgumentNullException.ThrowIfNull(window);
        return Path.Combine(window.Folder, format == ReportFormat.Html ? FileName : MarkdownName);
    }

    /// <summary>Refuses a place where a report would take something else away; nothing is written.</summary>
    /// <param name="window">The window.</param>
    /// <param name="path">The full path of the file.</param>
    /// <param name="format">What it is to be written as.</param>
    /// <param name="force">True where any file outside the home may be replaced.</param>
    /// <exception cref="DeployOpsException"><c>ReportInsideHome</c>; <c>ReportOverAnotherFile</c>.</exception>
    public void RequirePlace(DeploymentWindow window, string path, ReportFormat format = ReportFormat.Html, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(window);
        ReportPlace.Require(path, OwnPath(window, format), [ports.Home.Root, window.Folder], force);
    }

    /// <summary>Writes the report anew and tells where.</summary>
    /// <param name="window">The window.</param>
    /// <param name="path">The file; null for the window's own.</param>
    /// <param name="format">What it is written as.</param>
    /// <param name="force">True where any file outside the home may be replaced.</param>
    /// <exception cref="DeployOpsException"><c>ReportInsideHome</c>; <c>ReportOverAnotherFile</c>; <c>ReportNotWritten</c>; <c>JournalCorrupt</c>.</exception>
    public async Task<ReportFile> WriteAsync(DeploymentWindow window, string? path = null, ReportFormat format = ReportFormat.Html, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (path is not null)
        {
            RequirePlace(window, path, format, force);
        }

        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        var file = path ?? OwnPath(window, format);
        try
        {
            Write(session, file, format);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("ReportNotWritten", FaultKind.Failed, $"The report {file} could not be written: {e.Message}", "Name a file in a folder that exists and that this account may write.", e) { Target = file };
        }

        return new ReportFile(session.Window, PhaseOutcome.Succeeded, file);
    }

    private void Write(WindowSession session, string file, ReportFormat format)
    {
        var content = ReportContent.Read(session.Window, session.Facts, session.Records, ports.TimeProvider.GetUtcNow(), NoticeDesk.Waiting(session, ports)).Without(ports.Redactor.Redact);
        DurableFile.Replace(file, Encoding.UTF8.GetBytes(format == ReportFormat.Html ? HtmlPage.Render(content) : MarkdownPage.Render(content)));
    }
}
