namespace DeployOps.Migrations;

/// <summary>A database that remembers which scripts it has.</summary>
public interface IMigrationTarget
{
    /// <summary>Reads the history, oldest first. Empty where the database has none yet; reading never creates it.</summary>
    Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken);

    /// <summary>Runs one script and writes its history row, both or neither.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationScriptFailed</c> with the statement and the server's words; nothing of the script is left, whatever it fails with.</exception>
    Task ApplyAsync(MigrationScript script, string appliedBy, CancellationToken cancellationToken);

    /// <summary>Runs the undo script and removes the history row of the version it undoes, both or neither.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationScriptFailed</c>; nothing of the script is left.</exception>
    Task RevertAsync(MigrationScript undo, CancellationToken cancellationToken);
}
