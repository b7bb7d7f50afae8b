namespace DeployOps.Migrations;

/// <summary>A reason not to migrate: the folder's scripts, or the folder and the database's history, do not belong together.</summary>
/// <param name="ErrorId"><c>MigrationChecksumMismatch</c>, <c>MigrationMissing</c>, <c>MigrationOutOfOrder</c>, <c>MigrationHalfApplied</c>, <c>MigrationVersionDuplicate</c> or <c>MigrationUndoWithoutVersion</c>.</param>
/// <param name="Subject">The file name, or the version where the file is gone.</param>
/// <param name="Message">What differs, with the numbers that decided.</param>
/// <param name="NextStep">What to do about it.</param>
public sealed record MigrationRefusal(string ErrorId, string Subject, string Message, string NextStep)
{
    /// <summary>Why the script itself allows it, in its own words; null where it does not, or where nothing can: of two scripts of one version nobody can tell which is meant.</summary>
    public string? Reason { get; init; }

    /// <summary>The same with the reason of the script that it is about.</summary>
    internal MigrationRefusal AllowedBy(MigrationScript script) => this with { Reason = script.ReasonFor(SequenceRule) };

    /// <summary>The rule by which a script allows that it does not fit.</summary>
    internal const string SequenceRule = "SEQ001";

    /// <inheritdoc/>
    public override string ToString() => $"{ErrorId}: {Message}";

    /// <summary>The refusal as an error.</summary>
    public DeployOpsException ToException() => new(ErrorId, FaultKind.Security, Message, NextStep) { Target = Subject };
}
