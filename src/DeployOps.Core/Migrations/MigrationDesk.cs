using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>Opens the plan's databases for migration steps, each for one act: a connection is not kept across steps. Keeps in the journal what was seen while scripts ran.</summary>
/// <param name="Context">What the phase works with.</param>
internal sealed record MigrationDesk(PhaseContext Context)
{
    /// <summary>Who applies, for the history.</summary>
    internal string AppliedBy { get; } = $"{Context.Ports.Operator.Name} ({Context.Window.Id})";

    /// <summary>The script before whose commit somebody looks; null where nobody does.</summary>
    internal MigrationScript? Last { get; init; }

    /// <summary>The look before that commit.</summary>
    internal Func<IValidationTarget, CancellationToken, Task>? BeforeCommit { get; init; }

    /// <summary>The name under which the journal has what was seen while a script ran.</summary>
    internal static string EvidenceName(string database, MigrationVersion version) => $"watch/{database}/{version}";

    /// <summary>Opens a database by its name in the plan.</summary>
    internal IDatabase Open(string name) => Context.Ports.Adapters.OpenDatabase(Context.Plan.Databases.First(database => database.Name == name));

    /// <summary>Runs a script's work, shows how far it is, and keeps what was seen, whether it succeeded or not.</summary>
    internal async Task WatchAsync(string database, MigrationScript script, Func<IMigrationObserver, Task> work)
    {
        var witness = new MigrationWitness(Context.Reporter, Context.Ports.TimeProvider, script.FileName) { BeforeCommit = script.FileName == Last?.FileName ? BeforeCommit : null };
        try
        {
            await witness.RunAsync(work);
        }
        finally
        {
            if (witness.Evidence is { } evidence && Context.OpenSession is { Writes: true } session)
            {
                await session.CaptureAsync(DeploymentPhase.Migration, EvidenceName(database, script.Version), evidence, $"{database}: {evidence}");
            }
        }
    }
}
