using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Gates;

namespace DeployOps.Migrations.Validations;

/// <summary>
/// Compares every row of an answer with those that are expected, in order. A target gives each value to be redacted before it cuts it to be shown: here the value is kept whole and a mark
/// put in its place, by which it is found again in the row. So the rows of every kind of database can be compared.
/// </summary>
/// <param name="expected">What is expected.</param>
/// <param name="redact">Takes known secrets out of what is shown.</param>
internal sealed class WholeAnswer(ExpectedTable expected, Func<string, string> redact)
{
    private const int MostShown = 5;
    private const int LongestShown = 200;

    // "id=␁0␁, note=NULL": no name of a column holds the mark.
    private static readonly Regex Value = new("(^|, )(?<name>[^\u0001]*?)=(\u0001(?<mark>[0-9]+)\u0001|NULL)(?=, |$)", RegexOptions.ExplicitCapture | RegexOptions.Singleline);
    private readonly List<string> values = [];

    /// <summary>How many rows are asked for: one that is not expected is shown.</summary>
    internal int Rows => expected.Rows.Count + MostShown;

    /// <summary>Keeps a value.</summary>
    /// <returns>Its mark.</returns>
    internal string Keep(string value)
    {
        values.Add(value);
        return string.Create(CultureInfo.InvariantCulture, $"\u0001{values.Count - 1}\u0001");
    }

    /// <summary>Judges the answer.</summary>
    /// <returns>What it says, and the first rows that differ.</returns>
    internal (ValidationJudgement Judgement, IReadOnlyList<string> Differences) Judge(QueryAnswer answer)
    {
        var rows = answer.SampleRows.Select(Read).ToList();
        if (rows.Count > 0 && !rows[0].Select(value => value.Name).SequenceEqual(expected.Columns, StringComparer.OrdinalIgnoreCase))
        {
            return (new(GateVerdict.Fail, $"the columns {string.Join(", ", rows[0].Select(value => value.Name))}, expected {string.Join(", ", expected.Columns)}"), []);
        }

        var differences = Enumerable.Range(0, Math.Max(rows.Count, expected.Rows.Count)).Select(row => Difference(row, rows)).OfType<string>().ToList();
        var more = Math.Max(answer.RowCount - rows.Count, 0);
        var told = string.Create(CultureInfo.InvariantCulture, $"{answer.RowCount} {(answer.RowCount == 1 ? "row" : "rows")}, {differences.Count + more} other than in {expected.File}");
        return differences.Count + more == 0
            ? (new(GateVerdict.Pass, string.Create(CultureInfo.InvariantCulture, $"the {(answer.RowCount == 1 ? "row" : $"{answer.RowCount} rows")} of {expected.File}")), [])
            : (new(GateVerdict.Fail, told), [.. differences.Take(MostShown)]);
    }

    private string? Difference(int row, List<List<(string Name, string? Value)>> rows)
    {
        var number = string.Create(CultureInfo.InvariantCulture, $"row {row + 1}");
        if (row >= rows.Count)
        {
            return $"{number} is missing: {string.Join(", ", expected.Columns.Zip(expected.Rows[row], (name, value) => $"{name}={Shown(value)}"))}";
        }

        if (row >= expected.Rows.Count)
        {
            return $"{number} is not expected: {string.Join(", ", rows[row].Select(value => $"{value.Name}={Shown(value.Value)}"))}";
        }

        var others = rows[row].Zip(expected.Rows[row], (found, wanted) => (found.Name, Found: found.Value, Wanted: wanted)).Where(value => value.Found != value.Wanted).ToList();
        return others.Count == 0 ? null : $"{number}: {string.Join(", ", others.Select(value => $"{value.Name}={Shown(value.Found)}, expected {Shown(value.Wanted)}"))}";
    }

    private List<(string Name, string? Value)> Read(string row) =>
        [.. Value.Matches(row).Select(match => (match.Groups["name"].Value, match.Groups["mark"] is { Success: true } mark ? values[int.Parse(mark.Value, CultureInfo.InvariantCulture)] : null))];

    // Text that reads NULL is told from none by its quotes.
    private string Shown(string? value) => value switch
    {
        null => "NULL",
        "NULL" or "" => $"\"{value}\"",
        _ when redact(value) is { Length: > LongestShown } cut => cut[..(char.IsHighSurrogate(cut[LongestShown - 1]) ? LongestShown - 1 : LongestShown)] + "…",
        _ => redact(value),
    };
}
