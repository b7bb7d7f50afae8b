using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Tests.PostgreSql;

/// <summary>Remembers what it is told of a script.</summary>
internal sealed class RecordedWatch : IMigrationObserver
{
    private readonly Lock gate = new();
    private readonly List<MigrationProgress> told = [];

    internal MigrationEvidence? Evidence { get; private set; }

    /// <summary>What somebody's own probe says; null where there is none.</summary>
    public ProcessorReading? Processors { get; set; }

    internal IReadOnlyList<MigrationProgress> Told
    {
        get
        {
            lock (gate)
            {
                return [.. told];
            }
        }
    }

    public void Progress(MigrationProgress progress)
    {
        lock (gate)
        {
            told.Add(progress);
        }
    }

    public void Ended(MigrationEvidence evidence) => Evidence = evidence;
}
