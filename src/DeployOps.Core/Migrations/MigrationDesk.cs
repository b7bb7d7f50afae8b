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
    private IDatabase? kept;
    private string? keptName;

    /// <summary>Who applies, for the history.</summary>
    internal string AppliedBy { get; } = $"{context.Ports.Operator.Name} ({context.Window.Id})";

    /// <summary>The name under which the journal has what was seen while a script ran.</summary>
    internal static string EvidenceName(string database, MigrationVersion version) => $"watch/{database}/{version}";

    /// <summary>Opens one database for all acts until the desk is closed. Its gates expect the replicas that there were when the migration was planned, unless the plan says how many.</summary>
    internal void Keep(DatabaseSpec database, MigrationList list)
    {
        kept = context.Ports.Adapters.OpenDatabase(database with { Limits = database.Limits with { Replicas = database.Limits.Replicas ?? list.Replicas } });
        keptName = database.Name;
    }

    /// <summary>Does something with a database by its name in the plan.</summary>
    internal async Task<T> UseAsync<T>(string name, Func<IDatabase, Task<T>> use)
    {
        if (kept is not null && keptName == name)
        {
            return await use(kept);
        }

        await using var opened = context.Ports.Adapters.OpenDatabase(context.Plan.Databases.First(database => database.Name == name));
        return await use(opened);
    }

    /// <summary>Runs a script's work, shows how far it is, and keeps what was seen, whether it succeeded or not.</summary>
    internal async Task WatchAsync(string database, MigrationScript script, Func<IMigrationObserver, Task> work)
    {
        var witness = new MigrationWitness(context.Reporter, context.Ports.TimeProvider, script.FileName);
        try
        {
            await witness.RunAsync(work);
        }
        finally
        {
            if (witness.Evidence is { } evidence && context.OpenSession is { Writes: true } session)
            {
                await session.CaptureAsync(DeploymentPhase.Migration, EvidenceName(database, script.Version), evidence, $"{database}: {evidence}");
            }
        }
    }

    /// <summary>Closes the database that was kept open.</summary>
    public ValueTask DisposeAsync() => kept?.DisposeAsync() ?? ValueTask.CompletedTask;
}
