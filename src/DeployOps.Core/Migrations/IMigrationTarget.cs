using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;

namespace DeployOps.Migrations;

/// <summary>A database that remembers which scripts it has.</summary>
public interface IMigrationTarget
{
    /// <summary>
    /// Reads the history, oldest first. Empty where the database has none yet; reading never creates it. What is applied afterwards counts as planned by it: where another run has gone on
    /// meanwhile, <c>MigrationHistoryChanged</c> refuses it.
    /// </summary>
    Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken);

    /// <summary>Whether a script of this version was begun outside of a transaction and has left something in effect, though it is not in the history. Never so where each script is one transaction.</summary>
    Task<bool> IsHalfAppliedAsync(MigrationVersion version, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>What leads out of the database to others, such as foreign servers, in words; null where nothing does. On a copy it leads to the same places.</summary>
    Task<string?> FindOutsideAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>
    /// Which statement of these scripts, or which of these queries, reaches beyond the database, or may, in words; null where none does, or where its kind has no names for what is
    /// beyond. On a copy it reaches the same places.
    /// </summary>
    Task<string?> FindBeyondAsync(IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <summary>Why a script of a copy was refused what production may give it: a right that is withheld on copies. Null where the refusal says something of the script itself, as everywhere but on copies.</summary>
    /// <param name="refusal">What it failed with.</param>
    /// <returns>The reason in words, with what to do where something can be done.</returns>
    string? WhyWithheld(DeployOpsException refusal) => null;

    /// <summary>Makes the history where it is missing, as the first script would.</summary>
    Task EnsureHistoryAsync(CancellationToken cancellationToken);

    /// <summary>Whether a table, as fingerprints name it, belongs to the history or only says where sequences stand: no undo script takes either back.</summary>
    bool IsBookkeeping(string table);

    /// <summary>The scripts that were begun outside of a transaction and did not end, with something of them in effect, by version. None where each script is one transaction.</summary>
    Task<IReadOnlyList<BegunMigration>> ReadBegunAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<BegunMigration>>([]);

    /// <summary>How many replicas follow the database now; null where it has none by its nature, or where that cannot be seen.</summary>
    Task<int?> CountReplicasAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(null);

    /// <summary>What the watch over a script would not see by this account from this machine, in words; empty where it sees all, or where the kind is not watched.</summary>
    Task<IReadOnlyList<string>> FindUnseenAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>
    /// Runs one script and writes its history row, both or neither. A script that its server allows no transaction runs statement by statement; begun before and
    /// interrupted, it goes on where it was. What can be watched is watched, within the limits of <see cref="DatabaseSpec.Limits"/>.
    /// </summary>
    /// <param name="script">The script.</param>
    /// <param name="appliedBy">By whom, for the history.</param>
    /// <param name="observer">Told how far it is and what was seen.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationScriptFailed</c> with the statement and the server's words. Nothing of the script is left, whatever it fails with, unless the message says what is.
    /// </exception>
    Task ApplyAsync(MigrationScript script, string appliedBy, IMigrationObserver observer, CancellationToken cancellationToken);

    /// <summary>The same, of which nobody wants to hear meanwhile.</summary>
    Task ApplyAsync(MigrationScript script, string appliedBy, CancellationToken cancellationToken) => ApplyAsync(script, appliedBy, new SilentObserver(), cancellationToken);

    /// <summary>Runs the undo script and takes the version it undoes out of the history, both or neither, as applying does. Going back waits at no gate.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationScriptFailed</c>; nothing of the script is left unless the message says what is.</exception>
    Task RevertAsync(MigrationScript undo, CancellationToken cancellationToken);

    /// <summary>The same, telling how far it is and what was seen. Kinds that do not watch tell nothing.</summary>
    Task RevertAsync(MigrationScript undo, IMigrationObserver observer, CancellationToken cancellationToken) => RevertAsync(undo, cancellationToken);
}
