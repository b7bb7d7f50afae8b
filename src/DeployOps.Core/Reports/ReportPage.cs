using System.Net;
using System.Text;
using DeployOps.Journal;
using DeployOps.Windows;

namespace DeployOps.Reports;

/// <summary>The report as one self-contained page. Everything that comes from outside is encoded.</summary>
internal static class ReportPage
{
    internal static string Render(DeploymentWindow window, WindowFacts facts, IReadOnlyList<JournalRecord> records, DateTimeOffset writtenAt)
    {
        var page = new StringBuilder($"<!doctype html><title>{WebUtility.HtmlEncode(window.Id)}</title><h1>{WebUtility.HtmlEncode(window.ToString())}</h1><p>{facts.State} {writtenAt:O}</p><ol>");
        foreach (var record in records)
        {
            page.Append($"<li>{record.Time:O} {WebUtility.HtmlEncode(record.Message)}</li>");
        }

        return page.Append("</ol>").ToString();
    }
}
