namespace DeployOps.Migrations;

/// <summary>A database that remembers which scripts it has.</summary>
public interface IMigrationTarget
{
    /// <summary>Reads the history, oldest first. Empty where the database has none yet; reading never creates it.</summary>
    Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Runs one script and writes its history row, both or neither. A script that its server allows no transaction runs statement by statement; begun before and
    /// interrupted, it goes on where it was.
    /// </summary>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationScriptFailed</c> with the statement and the server's words. Nothing of the script is left, whatever it fails with, unless the message says what is.
    /// </exception>
    Task ApplyAsync(MigrationScript script, string appliedBy, CancellationToken cancellationToken);

    /// <summary>Runs the undo script and takes the version it undoes out of the history, both or neither, as <see cref="ApplyAsync"/> does.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationScriptFailed</c>; nothing of the script is left unless the message says what is.</exception>
    Task RevertAsync(MigrationScript undo, CancellationToken cancellationToken);
}
