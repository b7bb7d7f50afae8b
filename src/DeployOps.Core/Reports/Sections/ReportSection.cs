using DeployOps.Reports.Html;

namespace DeployOps.Reports.Sections;

/// <summary>A section of the page.</summary>
/// <param name="Id">Its place in the page's list of contents.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Content">What stands in it; null is left out.</param>
internal sealed record ReportSection(string Id, string Title, params IReadOnlyList<HtmlNode?> Content)
{
    /// <summary>True where it has something to tell.</summary>
    internal bool IsTold => Content.Any(node => node is not null);

    internal Tag ToTag() => new Tag("section", [new Tag("h2", Title).With("id", Id), .. Content]).With("aria-labelledby", Id);
}
