using DeployOps.Migrations.Rehearsal;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>Opens the plan's databases for migration steps, each for one act: a connection is not kept across steps. Keeps in the journal what was seen while scripts ran.</summary>
/// <param name="context">What the phase works with.</param>
internal sealed class MigrationDesk(PhaseContext context)
{
    private const int Slower = 3;
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(1);

    /// <summary>Who applies, for the history.</summary>
    internal string AppliedBy { get; } = $"{context.Ports.Operator.Name} ({context.Window.Id})";

    /// <summary>The name under which the journal has what was seen while a script ran.</summary>
    internal static string EvidenceName(string database, MigrationVersion version) => $"watch/{database}/{version}";

    /// <summary>Opens a database by its name in the plan.</summary>
    internal IDatabase Open(string name) => context.Ports.Adapters.OpenDatabase(context.Plan.Databases.First(database => database.Name == name));

    /// <summary>Runs a script's work, shows how far it is, and keeps what was seen, whether it succeeded or not.</summary>
    /// <returns>What it came to, in words: how long it took, beside what it took on the restored backup.</returns>
    internal async Task<string> WatchAsync(string database, MigrationScript script, Func<IMigrationObserver, Task> work)
    {
        var start = context.Ports.TimeProvider.GetTimestamp();
        var witness = new MigrationWitness(context.Reporter, context.Ports.TimeProvider, script.FileName);
        try
        {
            await witness.RunAsync(work);
            return Words(database, script, context.Ports.TimeProvider.GetElapsedTime(start));
        }
        finally
        {
            if (witness.Evidence is { } evidence && context.OpenSession is { Writes: true } session)
            {
                await session.CaptureAsync(DeploymentPhase.Migration, EvidenceName(database, script.Version), evidence, $"{database}: {evidence}");
            }
        }
    }

    private string Words(string database, MigrationScript script, TimeSpan took)
    {
        var words = $"{script.FileName} applied in {WatchText.Time(took)}";
        if (context.OpenSession?.Facts.Captured<MigrationRehearsal>(MigrationRehearsal.CaptureName(database))?.Find(script) is not { } rehearsed)
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
}
