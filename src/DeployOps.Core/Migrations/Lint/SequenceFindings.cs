namespace DeployOps.Migrations.Lint;

/// <summary>What is wrong with the order of scripts, as findings of SEQ001. Known to Flyway, whose validate it is, and to Atlas. The script that it is about allows it at its top, and is migrated by that too.</summary>
internal static class SequenceFindings
{
    private static readonly Dictionary<string, (string Name, string Why)> Kinds = new(StringComparer.Ordinal)
    {
        ["MigrationVersionDuplicate"] = ("duplicate-version", "Nobody can tell which is meant."),
        ["MigrationUndoWithoutVersion"] = ("undo-without-version", "It would never run."),
        ["MigrationChecksumMismatch"] = ("changed-after-applied", "What is in effect is what it said then."),
        ["MigrationMissing"] = ("applied-script-missing", "Nobody can tell what is in effect."),
        ["MigrationOutOfOrder"] = ("out-of-order", "A database that is set up anew would run it before what stands behind it here."),
        ["MigrationHalfApplied"] = ("half-applied", "What comes next would build upon a half."),
    };

    /// <summary>What is wrong, in the order in which it was found.</summary>
    internal static IEnumerable<LintFinding> Of(IEnumerable<MigrationRefusal> refusals) => refusals.Select(refusal => new LintFinding
    {
        Rule = MigrationRefusal.SequenceRule,
        Name = Kinds[refusal.ErrorId].Name,
        Severity = LintSeverity.Error,
        File = refusal.Subject,
        Line = 1,
        Why = $"{refusal.Message} {Kinds[refusal.ErrorId].Why}",
        Advice = refusal.NextStep,
        Allowed = refusal.Reason is not null,
        Reason = refusal.Reason,
    });
}
