namespace DeployOps.Reports.Markdown;

/// <summary>The report as Markdown.</summary>
internal static class MarkdownPage
{
    /// <summary>What tells a report from every other file: each begins with it. Nobody who reads the page sees it.</summary>
    internal const string Generator = "<!-- generator: DeployOps -->";

    /// <summary>Writes the page. The same input gives the same page, in every culture and time zone.</summary>
    internal static string Render(ReportContent content)
    {
        var writer = new MarkdownWriter();
        foreach (var part in content.Parts)
        {
            writer.Write(part);
        }

        return $"{Generator}\n\n{writer.ToString().TrimEnd('\n')}\n";
    }
}
