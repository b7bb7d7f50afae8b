using System.Globalization;
using DeployOps.Gates;
using DeployOps.Migrations;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.Validations;
using DeployOps.Phases;
using DeployOps.Smoke;

namespace DeployOps.Checks;

/// <summary>Takes the checks out of what cmdlets emit.</summary>
public static class CheckCases
{
    /// <summary>The checks of a finding, a validation, a smoke test, or of a result with several of them.</summary>
    /// <exception cref="DeployOpsException"><c>CheckKindUnknown</c> where it is none of these.</exception>
    public static IReadOnlyList<CheckCase> Of(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value switch
        {
            LintFinding finding => [Finding(finding)],
            ValidationCheck check => [Validation("validations", check)],
            SmokeCheck check => [Smoke(check)],
            SmokeResult result => [.. result.Checks.Select(Smoke)],
            MigrationResult result => [.. result.Databases.Select(database => Migration(result, database)), .. result.Databases.SelectMany(database => database.Validations.Select(check => Validation($"validations of {database.Database}", check)))],
            _ => throw new DeployOpsException(
                "CheckKindUnknown",
                FaultKind.InvalidData,
                $"A {value.GetType().Name} is no check.",
                "Pipe what Test-DbMigration, Invoke-DbMigration or Test-Smoke emit, or the validations or checks of it."),
        };
    }

    private static CheckCase Finding(LintFinding finding) => new("lint", finding.File, string.Create(CultureInfo.InvariantCulture, $"{finding.Rule} {finding.Name}, line {finding.Line}"), finding switch
    {
        { Allowed: true } => CheckState.Skipped,
        { Severity: LintSeverity.Error } => CheckState.Failed,
        _ => CheckState.Passed,
    })
    {
        Message = finding.Allowed ? $"allowed: {finding.Reason}" : finding.Severity == LintSeverity.Warning ? $"warning: {finding.WhyHere}" : finding.WhyHere,
        Details = $"{finding}{(finding.Statement.Length > 0 ? $"\n{finding.Statement}" : "")}",
    };

    private static CheckCase Validation(string suite, ValidationCheck check) => new(suite, check.File, check.When == ValidationMoments.Before ? $"{check.Name} (before the migration)" : check.Name, check switch
    {
        { Verdict: GateVerdict.Pass } or { IsWarning: true } => CheckState.Passed,
        { Verdict: GateVerdict.Fail } => CheckState.Failed,
        { Actual: ValidationRunner.NotAsked } => CheckState.Skipped,
        _ => CheckState.Error,
    })
    {
        Message = check.Verdict == GateVerdict.Pass ? "" : check.Actual == ValidationRunner.NotAsked ? ValidationRunner.NotAsked : check.IsWarning ? $"warning: {check.Warning}" : check.Told,
        Details = string.Join('\n', check.SampleRows.Prepend($"expected {check.Expected}, got {check.Actual}")),
        Duration = check.Duration,
    };

    private static CheckCase Smoke(SmokeCheck check) => new("smoke", check.Name, check.Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{check.Name}, line {check.Line}") : check.Name, check.Outcome switch
    {
        SmokeOutcome.Passed => CheckState.Passed,
        SmokeOutcome.Failed => CheckState.Failed,
        SmokeOutcome.PreExisting or SmokeOutcome.Planned => CheckState.Skipped,
        _ => CheckState.Error,
    })
    {
        Message = check.Outcome == SmokeOutcome.PreExisting ? $"failed on the old version already: {check.Message}" : check.Message,
        Details = check.Evidence.Length > 0 ? check.Evidence : check.ToString(),
        Duration = check.Duration,
    };

    private static CheckCase Migration(MigrationResult result, DatabaseMigration database) => new("migrations", database.Database, database.ToString(), result.Outcome switch
    {
        PhaseOutcome.Succeeded => CheckState.Passed,
        PhaseOutcome.Planned => CheckState.Skipped,
        _ => CheckState.Failed,
    })
    {
        Message = result.Outcome == PhaseOutcome.Succeeded ? "" : result.Outcome == PhaseOutcome.Planned ? "only planned" : result.Summary,
        Details = string.Join('\n', database.Scripts),
        Duration = result.Duration,
    };
}
