using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>A database of a PostgreSQL server, version 13 or newer (tested on 15). A call opens connections of its own and closes them, but for those of scripts, which serve one after another until the database is closed; closing it stops what runs and waits for its end.</summary>
public sealed class PostgreSqlDatabase : IDatabase
{
    private readonly DatabaseJobs jobs;
    private readonly PostgreSqlConnectionKeeper keeper;

    /// <summary>Reads the connection string; connects at first use.</summary>
    /// <param name="database">The database of the plan. Its connection string names one host and the database.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseConnectionStringInvalid</c>.</exception>
    public PostgreSqlDatabase(DatabaseSpec database, TimeProvider time)
        : this(database, time, ScriptPace.Of((database ?? throw new ArgumentNullException(nameof(database))).Limits))
    {
    }

    /// <summary>The same, at another pace.</summary>
    internal PostgreSqlDatabase(DatabaseSpec database, TimeProvider time, ScriptPace pace)
        : this(PostgreSqlServer.Of(database), database, time, pace, traces: false)
    {
    }

    private PostgreSqlDatabase(PostgreSqlServer server, DatabaseSpec database, TimeProvider time, ScriptPace pace, bool traces)
    {
        jobs = new DatabaseJobs(time);
        keeper = new PostgreSqlConnectionKeeper(server);
        Migrations = new PostgreSqlMigrations(server, keeper, database.ScriptTimeout, database.Limits, pace, jobs) { Traces = traces };
        Validations = new PostgreSqlValidations(server, database.ScriptTimeout, jobs)
        {
            Replica = database.Replica is null ? null : new PostgreSqlReplicaValidations(server, Other(database, "Replica", database.Replica), database.ScriptTimeout, jobs),
        };
        var proof = new PostgreSqlProof(server, database.Scratch is null ? null : Other(database, "Scratch", database.Scratch), database.Limits, time);
        Backups = new PostgreSqlBackups(server, proof, jobs, (copy, limits) => new PostgreSqlDatabase(copy, database with { Scratch = null, Replica = null, Limits = limits }, time, pace, traces: true));
        Catalog = new PostgreSqlTableCatalog(server, jobs);
        States = new PostgreSqlStates(server, jobs, database.Limits.DelayedReplicas);
        History = new PostgreSqlHistories(server, jobs);
    }

    private static PostgreSqlServer Other(DatabaseSpec database, string key, string connectionString) =>
        PostgreSqlServer.Of(database with { Name = $"{database.Name}, {key}", ConnectionString = connectionString });

    /// <inheritdoc/>
    public IMigrationTarget Migrations { get; }

    /// <inheritdoc/>
    public IValidationTarget Validations { get; }

    /// <inheritdoc/>
    public IBackupTarget Backups { get; }

    /// <inheritdoc/>
    public ITableCatalog Catalog { get; }

    /// <inheritdoc/>
    public IStateTarget States { get; }

    /// <inheritdoc/>
    public IHistoryTarget History { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await jobs.DisposeAsync();
        await keeper.DisposeAsync();
    }
}
