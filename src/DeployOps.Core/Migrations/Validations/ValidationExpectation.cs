using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Gates;

namespace DeployOps.Migrations.Validations;

/// <summary>What a validation query must answer: <c>no rows</c>, <c>rows 3</c>, <c>42</c>, <c>&gt;= 1000</c>, <c>true</c>, <c>false</c> or <c>runs</c>.</summary>
public sealed record ValidationExpectation
{
    private static readonly Regex NumberForm = new(
        @"^(?<rows>rows\s+)?(?<op>==|!=|<=|>=|<|>)?\s*(?<number>[-+]?[0-9]+(\.[0-9]+)?)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    private ValidationExpectation(string text, ValidationForm form) => (Text, Form) = (text, form);

    /// <summary>Nothing was said of the answer.</summary>
    public static ValidationExpectation Unstated { get; } = new("runs", ValidationForm.Unstated);

    /// <summary>The expectation as it was written.</summary>
    public string Text { get; }

    /// <summary>Its form.</summary>
    public ValidationForm Form { get; }

    /// <summary>How to compare with <see cref="Number"/>.</summary>
    public ValidationComparison Comparison { get; private init; }

    /// <summary>The number of rows or the value; 1 and 0 stand for true and false.</summary>
    public decimal Number { get; private init; }

    /// <summary>Reads an expectation; null where the text is none.</summary>
    public static ValidationExpectation? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        return words.ToUpperInvariant() switch
        {
            "RUNS" => new(words, ValidationForm.Runs),
            "NO ROWS" => new(words, ValidationForm.Rows),
            "TRUE" => new(words, ValidationForm.Truth) { Number = 1 },
            "FALSE" => new(words, ValidationForm.Truth) { Number = 0 },
            _ => TryParseNumber(words),
        };
    }

    /// <summary>Judges an answer.</summary>
    public ValidationJudgement Judge(QueryAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Form switch
        {
            ValidationForm.Unstated => new(answer.RowCount == 0 ? GateVerdict.Pass : GateVerdict.Unknown, Rows(answer.RowCount)),
            ValidationForm.Runs => new(GateVerdict.Pass, Rows(answer.RowCount)),
            ValidationForm.Rows => new(Verdict(Holds(answer.RowCount)), Rows(answer.RowCount)),
            _ when answer.RowCount != 1 => new(GateVerdict.Fail, Rows(answer.RowCount)),
            _ when answer.Scalar is null => new(GateVerdict.Fail, "NULL"),
            ValidationForm.Truth => new(Verdict(ReadTruth(answer.Scalar) == (Number == 1)), answer.Scalar),
            _ => new(Verdict(ReadNumber(answer.Scalar) is { } number && Holds(number)), answer.Scalar),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static ValidationExpectation? TryParseNumber(string words)
    {
        var form = NumberForm.Match(words);
        if (!form.Success || !decimal.TryParse(form.Groups["number"].Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        return new(words, form.Groups["rows"].Success ? ValidationForm.Rows : ValidationForm.Number)
        {
            Comparison = form.Groups["op"].Value switch
            {
                "!=" => ValidationComparison.NotEqual,
                "<" => ValidationComparison.Less,
                "<=" => ValidationComparison.LessOrEqual,
                ">" => ValidationComparison.Greater,
                ">=" => ValidationComparison.GreaterOrEqual,
                _ => ValidationComparison.Equal,
            },
            Number = number,
        };
    }

    private bool Holds(decimal actual) => Comparison switch
    {
        ValidationComparison.NotEqual => actual != Number,
        ValidationComparison.Less => actual < Number,
        ValidationComparison.LessOrEqual => actual <= Number,
        ValidationComparison.Greater => actual > Number,
        ValidationComparison.GreaterOrEqual => actual >= Number,
        _ => actual == Number,
    };

    private static GateVerdict Verdict(bool holds) => holds ? GateVerdict.Pass : GateVerdict.Fail;

    private static string Rows(long count) => count switch { 0 => "no rows", 1 => "1 row", _ => string.Create(CultureInfo.InvariantCulture, $"{count} rows") };

    private static decimal? ReadNumber(string scalar) =>
        decimal.TryParse(scalar, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool? ReadTruth(string scalar) => scalar.ToUpperInvariant() switch
    {
        "1" or "T" or "TRUE" => true,
        "0" or "F" or "FALSE" => false,
        _ => null,
    };
}
