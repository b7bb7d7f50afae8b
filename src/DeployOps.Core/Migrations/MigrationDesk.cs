using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>
/// Opens the plan's databases for migration steps: each for one act, or one for all steps of a phase, so that what it keeps from script to script, connections and what was seen
/// first, lives as long. Keeps in the journal what was seen while scripts ran.
/// </summary>
/// <param name="context">What the phase works with.</param>
internal sealed class MigrationDesk(PhaseContext context) : IAsyncDisposable
{
    private const int Slower = 3;
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);

    private IDatabase? kept;
    private string? keptName;

    /// <summary>Who applies, for the history.</summary>
    internal string AppliedBy { get; } = $"{context.Ports.Operator.Name} ({context.Window.Id})";

    /// <summary>The script before whose commit somebody looks; null where nobody does.</summary>
    internal MigrationScript? Last { get; init; }

    /// <summary>The look before that commit.</summary>
    internal Func<IValidationTarget, CancellationToken, Task>? BeforeCommit { get; init; }

    /// <summary>Says how busy the processors of the database's host are, in percent; null where the server is looked at.</summary>
    internal Func<CancellationToken, Task<double>>? CpuProbe { get; init; }

    /// <summary>The name under which the journal has what was seen while a script ran.</summary>
    internal static string EvidenceName(string database, MigrationVersion version) => $"watch/{database}/{version}";

    /// <summary>The same of the script that took a version back.</summary>
    internal static string UndoEvidenceName(string database, MigrationVersion version) => $"watch-undo/{database}/{version}";

    /// <summary>Opens one database for all acts until the desk is closed. Its gates expect the replicas that there were when the migration was planned, unless the plan says how many.</summary>
    internal void Keep(DatabaseSpec database, MigrationList list)
    {
        kept = context.Ports.OpenDatabase(database with { Limits = database.Limits with { Replicas = database.Limits.Replicas ?? list.Replicas } });
        keptName = database.Name;
    }

    /// <summary>Does something with a database by its name in the plan.</summary>
    internal async Task<T> UseAsync<T>(string name, Func<IDatabase, Task<T>> use)
    {
        if (kept is not null && keptName == name)
        {
            return await use(kept);
        }

        await using var opened = context.Ports.OpenDatabase(context.Plan.Databases.First(database => database.Name == name));
        return await use(opened);
    }

    /// <summary>Runs a script's work, shows how far it is, and keeps what was seen, whether it succeeded or not.</summary>
    /// <returns>What it came to, in words: how long it took, beside what it took on the restored backup.</returns>
    internal async Task<string> WatchAsync(string database, MigrationScript script, Func<IMigrationObserver, Task> work)
    {
        var start = context.Ports.TimeProvider.GetTimestamp();
        var rehearsed = context.OpenSession?.Facts.Captured<MigrationRehearsal>(MigrationRehearsal.CaptureName(database))?.Find(script);
        var witness = new MigrationWitness(context.Reporter, context.Ports.TimeProvider, script.FileName)
        {
            BeforeCommit = script.FileName == Last?.FileName ? BeforeCommit : null,
            CpuProbe = CpuProbe,
            Compares = rehearsed is not null,
        };
        IReadOnlyList<ProductionDifference> differences = [];
        try
        {
            // The history was read since the step began.
            context.OpenSession?.ThrowIfStale();
            await witness.RunAsync(work);
            differences = rehearsed is null || witness.Evidence is not { Statements.Count: > 0 } seen ? [] : ProductionComparison.Of(rehearsed, seen.Statements, seen.Rewritten);
            Warn(database, script, differences);
            return Words(database, script, context.Ports.TimeProvider.GetElapsedTime(start), rehearsed);
        }
        finally
        {
            if (witness.Evidence is { } evidence && context.OpenSession is { Writes: true } session)
            {
                evidence = evidence with { Differences = [.. differences.Select(difference => difference.Text)] };
                var (phase, name) = script.IsUndo ? (DeploymentPhase.Rollback, UndoEvidenceName(database, script.Version)) : (DeploymentPhase.Migration, EvidenceName(database, script.Version));
                await session.CaptureAsync(phase, name, evidence, $"{database}: {evidence}");
            }
        }
    }

    private void Warn(string database, MigrationScript script, IReadOnlyList<ProductionDifference> differences)
    {
        foreach (var difference in differences.Where(difference => difference.IsWarning))
        {
            context.Reporter.Warn($"{database}: {script.FileName} did otherwise than on the restored backup: {difference.Text}.");
        }
    }

    private string Words(string database, MigrationScript script, TimeSpan took, ScriptRehearsal? rehearsed)
    {
        var words = $"{script.FileName} applied in {WatchText.Time(took)}";
        if (rehearsed is null)
        {
            return words;
        }

        words = $"{words}; {WatchText.Time(rehearsed.Duration)} when it was rehearsed";
        if (took > Slower * rehearsed.Duration && took - rehearsed.Duration > Noticeable)
        {
            context.Reporter.Warn($"{database}: {words}. See what it waited for: others, or a disk that is busier than then.");
        }

        return words;
    }

    /// <summary>Closes the database that was kept open.</summary>
    public ValueTask DisposeAsync() => kept?.DisposeAsync() ?? ValueTask.CompletedTask;
}
