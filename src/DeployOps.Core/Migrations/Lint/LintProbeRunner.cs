using DeployOps.Gates;
using DeployOps.Migrations.Validations;

namespace DeployOps.Migrations.Lint;

/// <summary>Asks the database, read only, whether the rows that are there would make a statement fail.</summary>
/// <param name="target">The database.</param>
/// <param name="reporter">Told what is asked.</param>
/// <param name="time">Ends what takes too long: 30 s a query.</param>
public sealed class LintProbeRunner(IValidationTarget target, IStepReporter reporter, TimeProvider time)
{
    /// <summary>Takes known secrets out of the rows that are told. Default: takes nothing out.</summary>
    public Func<string, string> Redact { get; init; } = text => text;

    /// <summary>
    /// The findings with what the data says: one whose rows fit is gone, one whose rows do not fit is an error with such a row. Where a statement before it in the run writes
    /// those rows, they may be mended by then, and it stays as it was with such a row; so does one of a small table by whose size it weighs, and what could not be asked, a column that an earlier script will make for one.
    /// </summary>
    public async Task<IReadOnlyList<LintFinding>> RunAsync(IReadOnlyList<LintFinding> findings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var runner = new ValidationRunner(target, reporter, time) { Redact = Redact };
        var judged = new List<LintFinding>();
        foreach (var finding in findings)
        {
            if (finding.Probe is null)
            {
                judged.Add(finding);
                continue;
            }

            var query = new ValidationQuery($"{finding.Rule} {finding.Name}", finding.File, finding.Line, finding.Probe, ValidationExpectation.TryParse("no rows")!);
            var check = (await runner.RunAsync([query], cancellationToken))[0];
            judged.AddRange(Judge(finding, check));
        }

        return judged;
    }

    private IEnumerable<LintFinding> Judge(LintFinding finding, ValidationCheck check)
    {
        if (check.Verdict == GateVerdict.Pass)
        {
            return [];
        }

        if (check.SampleRows.Count == 0)
        {
            return [finding];
        }

        var why = $"{finding.Why} There is such data now: {Redact(check.SampleRows[0])}";
        return finding.WrittenBefore is { } before
            ? [finding with { Why = $"{why}; {before} writes before, so that only then it is known." }]
            : [finding with { Severity = finding.Facts is { IsSmall: true } ? finding.Severity : LintSeverity.Error, Why = $"{why}." }];
    }
}
