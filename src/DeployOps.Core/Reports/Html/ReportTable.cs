namespace DeployOps.Reports.Html;

/// <summary>A table with a caption. The first cell of a row is its heading; on a narrow screen each cell says its column itself.</summary>
/// <param name="caption">What the table shows.</param>
/// <param name="columns">The columns' headings.</param>
internal sealed class ReportTable(string caption, params IReadOnlyList<string> columns)
{
    // A number with its unit, a time, a phase's name: what a reader takes in at once is not broken over two lines.
    private const int LongestWhole = 16;

    private readonly List<Tag> rows = [];

    /// <summary>How many rows there are.</summary>
    internal int Count => rows.Count;

    /// <summary>Adds a row, a cell a column; null leaves a cell empty.</summary>
    internal ReportTable Row(params IReadOnlyList<HtmlNode?> cells)
    {
        rows.Add(new Tag("tr", cells.Select(Cell)));
        return this;
    }

    /// <summary>The table, or null where it has no row.</summary>
    internal Tag? ToTag() => rows.Count == 0 ? null : new Tag(
        "table",
        new Tag("caption", caption),
        new Tag("thead", new Tag("tr", columns.Select(column => new Tag("th", column).With("scope", "col")))),
        new Tag("tbody", rows));

    private Tag Cell(HtmlNode? cell, int column)
    {
        var made = column == 0 ? new Tag("th", cell).With("scope", "row") : new Tag("td", cell);
        if (cell is HtmlText { Text.Length: <= LongestWhole })
        {
            made.With("class", "whole");
        }

        return made.With("data-label", columns[column]);
    }
}
