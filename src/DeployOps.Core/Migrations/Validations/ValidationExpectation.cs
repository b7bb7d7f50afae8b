using System.Globalization;
using System.Text.RegularExpressions;
using DeployOps.Gates;

namespace DeployOps.Migrations.Validations;

/// <summary>What a validation query must answer: <c>no rows</c>, <c>rows 3</c>, <c>42</c>, <c>&gt;= 1000</c>, <c>true</c>, <c>false</c>, <c>same as before</c>, <c>same as before ±0.1%</c>, <c>table orders.csv</c> or <c>runs</c>.</summary>
public sealed record ValidationExpectation
{
    private static readonly Regex NumberForm = new(
        @"^(?<rows>rows\s+)?(?<op>==|!=|<=|>=|<|>)?\s*(?<number>[-+]?[0-9]+(\.[0-9]+)?)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    private static readonly Regex SameForm = new(
        @"^same as before( ?(±|\+-|\+/-) ?(?<percent>[0-9]+(\.[0-9]+)?) ?%)?$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    private static readonly Regex TableForm = new(@"^table (?<file>.+\.csv)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    private ValidationExpectation(string text, ValidationForm form) => (Text, Form) = (text, form);

    /// <summary>Nothing was said of the answer.</summary>
    public static ValidationExpectation Unstated { get; } = new("runs", ValidationForm.Unstated);

    /// <summary>The expectation as it was written.</summary>
    public string Text { get; }

    /// <summary>Its form.</summary>
    public ValidationForm Form { get; }

    /// <summary>How to compare with <see cref="Number"/>.</summary>
    public ValidationComparison Comparison { get; private init; }

    /// <summary>The number of rows or the value; 1 and 0 stand for true and false; by how many percent it may differ from what it was before.</summary>
    public decimal Number { get; private init; }

    /// <summary>The file with the rows that are expected, relative to the script's folder; null where there is none.</summary>
    public string? TableFile { get; private init; }

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
            _ => TryParseTable(words) ?? TryParseSame(words) ?? TryParseNumber(words),
        };
    }

    /// <summary>Judges an answer.</summary>
    /// <param name="answer">What the query answered.</param>
    /// <param name="before">What it answered before the migration; needed for <see cref="ValidationForm.SameAsBefore"/>.</param>
    public ValidationJudgement Judge(QueryAnswer answer, ValidationBaseline? before = null)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return Form switch
        {
            ValidationForm.Unstated => new(answer.RowCount == 0 ? GateVerdict.Pass : GateVerdict.Unknown, Rows(answer.RowCount)),
            ValidationForm.Runs => new(GateVerdict.Pass, Rows(answer.RowCount)),
            ValidationForm.SameAsBefore => JudgeSame(answer, before),
            ValidationForm.Table => throw new InvalidOperationException("A table is compared by its rows."),
            ValidationForm.Rows => new(Verdict(Holds(answer.RowCount)), Rows(answer.RowCount)),
            _ when answer.RowCount != 1 => new(GateVerdict.Fail, Rows(answer.RowCount)),
            _ when answer.Scalar is null => new(GateVerdict.Fail, "NULL"),
            ValidationForm.Truth => new(Verdict(ReadTruth(answer.Scalar) == (Number == 1)), answer.Scalar),
            _ => new(Verdict(ReadNumber(answer.Scalar) is { } number && Holds(number)), answer.Scalar),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static ValidationExpectation? TryParseTable(string words) =>
        TableForm.Match(words) is { Success: true } form ? new(words, ValidationForm.Table) { TableFile = form.Groups["file"].Value } : null;

    private static ValidationExpectation? TryParseSame(string words)
    {
        var form = SameForm.Match(words);
        if (!form.Success)
        {
            return null;
        }

        var percent = form.Groups["percent"].Success ? decimal.Parse(form.Groups["percent"].Value, NumberStyles.Number, CultureInfo.InvariantCulture) : 0;
        return new(words, ValidationForm.SameAsBefore) { Number = percent };
    }

    /// <summary>Why nothing could be said of such an answer, whatever it was before; null where something can.</summary>
    internal string? Refusal(QueryAnswer answer) =>
        Form == ValidationForm.SameAsBefore && Number > 0 && answer is { RowCount: 1, Columns: > 1 } ? $"a margin is one number's, and it answers {Columns(answer)}" : null;

    // Where it was one row before and is not any more, or the other way round, the numbers of rows are told apart by themselves.
    private ValidationJudgement JudgeSame(QueryAnswer answer, ValidationBaseline? before)
    {
        if (Refusal(answer) is { } why)
        {
            return new(GateVerdict.Fail, why);
        }

        var isOne = answer is { RowCount: 1, Columns: 1 };
        var told = isOne ? answer.Scalar ?? "NULL" : answer.RowCount != 1 && answer.Columns == before?.Columns ? Rows(answer.RowCount) : Columns(answer);
        if (before is null)
        {
            return new(GateVerdict.Unknown, $"{told}, and it was not asked before the migration");
        }

        var (isSame, was) = (answer.Contents == before.Contents && answer.RowCount == before.RowCount, before.Number?.ToString(CultureInfo.InvariantCulture));
        if (isOne && before.RowCount == 1)
        {
            isSame = ValidationBaseline.Of(answer).Number is { } number && before.Number is { } then ? IsWithin(number, then) : isSame;
            return new(Verdict(isSame), $"{told}, {was ?? (isSame ? "the same" : "another value")} before");
        }

        return answer.RowCount == before.RowCount && Number == 0
            ? new(Verdict(isSame), $"{told}, {(isSame ? "the same" : answer.Columns != before.Columns ? string.Create(CultureInfo.InvariantCulture, $"of {before.Columns}") : "others")} before")
            : new(Verdict(IsWithin(answer.RowCount, before.RowCount)), $"{Rows(answer.RowCount)}, {Rows(before.RowCount)} before");
    }

    private bool IsWithin(decimal now, decimal was) => Math.Abs(now - was) <= Math.Abs(was) * Number / 100;

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

    private static string Columns(QueryAnswer answer) => string.Create(CultureInfo.InvariantCulture, $"{Rows(answer.RowCount)} of {answer.Columns} columns");

    /// <summary>A value as a number; null where it is none.</summary>
    internal static decimal? ReadNumber(string scalar) =>
        decimal.TryParse(scalar, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool? ReadTruth(string scalar) => scalar.ToUpperInvariant() switch
    {
        "1" or "T" or "TRUE" => true,
        "0" or "F" or "FALSE" => false,
        _ => null,
    };
}
