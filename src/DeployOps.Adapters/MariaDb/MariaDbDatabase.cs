using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.MariaDb;

/// <summary>A database of a MariaDB server, version 10.6 or newer (tested on 10.11). Every call opens connections of its own and closes them; closing the database stops what runs and waits for its end.</summary>
public sealed class MariaDbDatabase : IDatabase
{
    private readonly DatabaseJobs jobs;

    /// <summary>Reads the connection string; connects at first use.</summary>
    /// <param name="database">The database of the plan. Its connection string names one server and the database.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseConnectionStringInvalid</c>.</exception>
    public MariaDbDatabase(DatabaseSpec database, TimeProvider time)
        : this(database, time, ScriptPace.Of((database ?? throw new ArgumentNullException(nameof(database))).Limits))
    {
    }

    /// <summary>The same, at another pace.</summary>
    internal MariaDbDatabase(DatabaseSpec database, TimeProvider time, ScriptPace pace)
        : this(MariaDbServer.Of(database), null, database, time, pace, isConfined: false)
    {
    }

    // A copy has who watches it: the account of the plan, which sees what others do.
    private MariaDbDatabase(MariaDbServer server, MariaDbServer? watcher, DatabaseSpec database, TimeProvider time, ScriptPace pace, bool isConfined)
    {
        jobs = new DatabaseJobs(time);
        Migrations = new MariaDbMigrations(server, watcher ?? server, database.ScriptTimeout, database.Limits, pace, jobs) { Traces = watcher is not null, IsConfined = isConfined };
        Validations = new MariaDbValidations(server, database.ScriptTimeout, jobs)
        {
            Replica = database.Replica is null ? null : new MariaDbReplicaValidations(server, Other(database, "Replica", database.Replica), database.ScriptTimeout, jobs),
        };
        States = new MariaDbStates(server, jobs, database.Limits);
        History = new MariaDbHistories(server, jobs);
        Catalog = new MariaDbTableCatalog(server, jobs);
        var proof = new MariaDbProof(server, database.Scratch is null ? null : Other(database, "Scratch", database.Scratch), database.Limits, time);
        var there = database with { Scratch = null, Replica = null, Limits = proof.LimitsThere };
        Backups = new MariaDbBackups(server, proof, database.Limits.Replicas, jobs, (copy, plan, confined) => new MariaDbDatabase(copy, plan, there, time, pace, confined));
    }

    private static MariaDbServer Other(DatabaseSpec database, string key, string connectionString) =>
        MariaDbServer.Of(database with { Name = $"{database.Name}, {key}", ConnectionString = connectionString });

    /// <inheritdoc/>
    public IMigrationTarget Migrations { get; }

    /// <inheritdoc/>
    public IValidationTarget Validations { get; }

    /// <inheritdoc/>
    public IBackupTarget Backups { get; }

    /// <inheritdoc/>
    public IStateTarget States { get; }

    /// <inheritdoc/>
    public IHistoryTarget History { get; }

    /// <inheritdoc/>
    public ITableCatalog Catalog { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => jobs.DisposeAsync();
}
