using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.Sqlite;

/// <summary>A SQLite database in a file. Every call opens a connection of its own and closes it; closing the database stops what runs and waits for its end.</summary>
public sealed class SqliteDatabase : IDatabase
{
    private readonly DatabaseJobs jobs;

    /// <summary>Reads the connection string; connects at first use. A missing database is not made by it.</summary>
    /// <param name="database">The database of the plan. <c>Default Timeout</c> in its connection string says how long to wait for a busy one; default 5 s.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="DeployOpsException"><c>DatabaseConnectionStringInvalid</c> or <c>DatabaseNotAFile</c>.</exception>
    public SqliteDatabase(DatabaseSpec database, TimeProvider time)
        : this(SqliteFile.Of(database), database, time)
    {
    }

    private SqliteDatabase(SqliteFile file, DatabaseSpec database, TimeProvider time)
    {
        jobs = new DatabaseJobs(time);
        Migrations = new SqliteMigrations(file, database.ScriptTimeout, jobs);
        Validations = new SqliteValidations(file, database.ScriptTimeout, jobs);
        Backups = new SqliteBackups(file, jobs, copy => new SqliteDatabase(copy, database, time));
        Catalog = new SqliteTableCatalog(file, jobs);
        States = new SqliteStates(file, jobs);
        History = new SqliteHistories(file, jobs);
    }

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
    public ValueTask DisposeAsync() => jobs.DisposeAsync();
}
