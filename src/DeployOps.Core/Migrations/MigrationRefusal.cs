namespace DeployOps.Migrations;

/// <summary>A reason not to migrate: the folder's scripts, or the folder and the database's history, do not belong together.</summary>
/// <param name="ErrorId"><c>MigrationChecksumMismatch</c>, <c>MigrationMissing</c>, <c>MigrationOutOfOrder</c>, <c>MigrationHalfApplied</c>, <c>MigrationVersionDuplicate</c> or <c>MigrationUndoWithoutVersion</c>.</param>
/// <param name="Subject">The file name, or the version where the file is gone.</param>
/// <param name="Message">What differs, with the numbers that decided.</param>
/// <param name="NextStep">What to do about it.</param>
public sealed record MigrationRefusal(string ErrorId, string Subject, string Message, string NextStep)
{
    /// <inheritdoc/>
    public override string ToString() => $"{ErrorId}: {Message}";

    /// <summary>The refusal as an error.</summary>
    public DeployOpsException ToException() => new(ErrorId, FaultKind.Security, Message, NextStep) { Target = Subject };
}
