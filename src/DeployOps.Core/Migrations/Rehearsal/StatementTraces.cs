using DeployOps.Migrations.Watching;

namespace DeployOps.Migrations.Rehearsal;

/// <summary>Keeps what the statements of one script did, as they are told of, and shows how far it is.</summary>
/// <param name="witness">Who shows it.</param>
internal sealed class StatementTraces(IMigrationObserver witness) : IMigrationObserver
{
    private const int Most = 200;
    private readonly Lock gate = new();
    private readonly List<StatementTrace> kept = [];
    private int more;

    /// <summary>What was kept, and how many more there were.</summary>
    internal (IReadOnlyList<StatementTrace> Kept, int More) Take()
    {
        lock (gate)
        {
            return ([.. kept], more);
        }
    }

    /// <inheritdoc/>
    public void Progress(MigrationProgress progress) => witness.Progress(progress);

    /// <inheritdoc/>
    public void Ended(MigrationEvidence evidence) => witness.Ended(evidence);

    /// <inheritdoc/>
    public void Did(StatementTrace statement)
    {
        lock (gate)
        {
            // A script that is tried again is told of again from its first statement on.
            kept.RemoveAll(one => one.Number >= statement.Number);
            if (kept.Count < Most)
            {
                kept.Add(statement);
            }
            else
            {
                more++;
            }
        }
    }
}
