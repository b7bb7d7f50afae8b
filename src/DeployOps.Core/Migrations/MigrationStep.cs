using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>Applies one script; taken back, runs its undo script. Both are no-ops where the history says that it is already so.</summary>
internal sealed class MigrationStep(string database, MigrationScript script, MigrationScript? undo, MigrationDesk desk) : IStep
{
    public StepIdentity Identity { get; } = new(DeploymentPhase.Migration, KeyOf(database, script.Version), $"{database}: {script.FileName}");

    public async Task<string> DoAsync(CancellationToken cancellationToken)
    {
        await using var opened = desk.Open(database);
        if ((await ProbeAsync(opened, cancellationToken)).Verdict == GateVerdict.Pass)
        {
            return $"{script.FileName} is already in effect";
        }

        await opened.Migrations.ApplyAsync(script, desk.AppliedBy, cancellationToken);
        return $"{script.FileName} applied";
    }

    public async Task<GateResult> ProbeAsync(CancellationToken cancellationToken)
    {
        await using var opened = desk.Open(database);
        return await ProbeAsync(opened, cancellationToken);
    }

    public async Task<string> UndoAsync(CancellationToken cancellationToken)
    {
        await using var opened = desk.Open(database);
        var history = await opened.Migrations.ReadHistoryAsync(cancellationToken);
        if (history.All(row => row.Version != script.Version))
        {
            return $"{script.FileName} is not in the history";
        }

        if (undo is null)
        {
            throw new DeployOpsException(
                "MigrationUndoMissing",
                FaultKind.NotFound,
                $"{database}: {script.FileName} has no undo script.",
                "Run Invoke-Rollback -Database Keep, or -Database Restore to bring the backup back.");
        }

        await opened.Migrations.RevertAsync(undo, cancellationToken);
        return $"{undo.FileName} applied";
    }

    /// <summary>The step's key in the journal.</summary>
    internal static string KeyOf(string database, MigrationVersion version) => $"migrate/{database}/{version}";

    private async Task<GateResult> ProbeAsync(IDatabase opened, CancellationToken cancellationToken) =>
        MigrationProbe.InEffect(script, await opened.Migrations.ReadHistoryAsync(cancellationToken));
}
