using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>Applies one script; taken back, runs its undo script. Both are no-ops where the history says that it is already so.</summary>
internal sealed class MigrationStep(string database, MigrationScript script, MigrationScript? undo, MigrationDesk desk) : IStep
{
    private const string Prefix = "migrate/";

    public StepIdentity Identity { get; } = new(DeploymentPhase.Migration, KeyOf(database, script.Version), $"{database}: {script.FileName}");

    public Task<string> DoAsync(CancellationToken cancellationToken) => desk.UseAsync(database, opened => DoAsync(opened, cancellationToken));

    public Task<GateResult> ProbeAsync(CancellationToken cancellationToken) => desk.UseAsync(database, opened => ProbeAsync(opened, cancellationToken));

    public Task<string> UndoAsync(CancellationToken cancellationToken) => desk.UseAsync(database, opened => UndoAsync(opened, cancellationToken));

    /// <summary>The script's name.</summary>
    internal string FileName => script.FileName;

    /// <summary>Whether it can be taken back, or need not be.</summary>
    internal bool HasUndo => undo is not null || script.IsRepeatable;

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string database, MigrationVersion version) => KeyOf(database, version.ToString());

    /// <summary>The same, of a version in words.</summary>
    internal static string KeyOf(string database, string version) => $"{Prefix}{database}/{version}";

    /// <summary>The database behind a key; null where the key is another step's.</summary>
    internal static string? DatabaseOf(string key) => key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..key.LastIndexOf('/')] : null;

    /// <summary>The version behind a key.</summary>
    internal static string VersionOf(string key) => key[(key.LastIndexOf('/') + 1)..];

    private async Task<string> DoAsync(IDatabase opened, CancellationToken cancellationToken)
    {
        if ((await ProbeAsync(opened, cancellationToken)).Verdict == GateVerdict.Pass)
        {
            return $"{script.FileName} is already in effect";
        }

        return await desk.WatchAsync(database, script, observer => opened.Migrations.ApplyAsync(script, desk.AppliedBy, observer, cancellationToken));
    }

    private async Task<string> UndoAsync(IDatabase opened, CancellationToken cancellationToken)
    {
        if (script.IsRepeatable)
        {
            // Nobody knows the text before it. The release that comes or goes back runs its own again, since that is another text.
            return $"{script.FileName} stays as it is; it is run again when its text changes";
        }

        var history = await opened.Migrations.ReadHistoryAsync(cancellationToken);
        if (history.All(row => row.Version != script.Version))
        {
            if (await opened.Migrations.IsHalfAppliedAsync(script.Version, cancellationToken))
            {
                throw new DeployOpsException(
                    "MigrationHalfApplied",
                    FaultKind.InvalidOperation,
                    $"{database}: {script.FileName} was begun outside of a transaction and did not end, so some of it is in effect, and its undo script is for the whole of it.",
                    "Bring the backup back with -Database Restore, or take back by hand what the log says is in effect, and go back with -Database Keep.");
            }

            return $"{script.FileName} is not in the history";
        }

        if (undo is null)
        {
            throw new DeployOpsException(
                "MigrationUndoMissing",
                FaultKind.NotFound,
                $"{database}: {script.FileName} has no undo script.",
                "Keep the migrated schema with -Database Keep, or bring the backup back with -Database Restore.");
        }

        return await desk.WatchAsync(database, undo, observer => opened.Migrations.RevertAsync(undo, observer, cancellationToken));
    }

    private async Task<GateResult> ProbeAsync(IDatabase opened, CancellationToken cancellationToken) =>
        MigrationProbe.InEffect(script, await opened.Migrations.ReadHistoryAsync(cancellationToken));
}
