namespace DeployOps.Reports;

/// <summary>What a report is written as.</summary>
public enum ReportFormat
{
    /// <summary>One self-contained page for a browser and for paper, with pictures.</summary>
    Html,

    /// <summary>Markdown with tables, for a ticket or a wiki; without pictures.</summary>
    Markdown,
}
