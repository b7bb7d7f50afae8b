namespace DeployOps.Migrations.States;

/// <summary>A database that tells what it consists of, so that what a migration did to it can be told from what it was meant to do.</summary>
public interface IStateTarget
{
    /// <summary>Reads it, changing nothing.</summary>
    /// <param name="moment">Before the migration, or after it: what costs most is looked at after it only.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException">The database cannot be read.</exception>
    Task<DatabaseState> ReadAsync(StateMoment moment, CancellationToken cancellationToken);

    /// <summary>Waits until the replicas that are connected have what the database has now, for so long at most. Empty where it has none.</summary>
    Task<IReadOnlyList<ReplicaState>> ReplicasAsync(TimeSpan longest, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ReplicaState>>([]);
}
