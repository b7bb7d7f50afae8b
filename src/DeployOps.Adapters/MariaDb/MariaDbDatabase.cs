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
        : this(database, time, new ScriptPace())
    {
    }

    /// <summary>The same, at another pace.</summary>
    internal MariaDbDatabase(DatabaseSpec database, TimeProvider time, ScriptPace pace)
        : this(MariaDbServer.Of(database), database, time, pace)
    {
    }

    private MariaDbDatabase(MariaDbServer server, DatabaseSpec database, TimeProvider time, ScriptPace pace)
    {
        jobs = new DatabaseJobs(time);
        Migrations = new MariaDbMigrations(server, database.ScriptTimeout, database.Limits, pace, jobs);
        Validations = new MariaDbValidations(server, database.ScriptTimeout, jobs);
        States = new MariaDbStates(server, jobs, database.Limits.Replicas);
        History = new MariaDbHistories(server, jobs);
        Catalog = new MariaDbTableCatalog(server, jobs);
        Backups = new MariaDbBackups(server, jobs, copy => new MariaDbDatabase(copy, database, time, pace));
    }

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
