using DeployOps.Migrations.Imports;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Reads the tables of other migration tools, and writes the history of a database that is taken in.</summary>
/// <param name="server">The database.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class MariaDbHistories(MariaDbServer server, DatabaseJobs jobs) : IHistoryTarget
{
    private readonly MariaDbHistory history = new(server.Database);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<IReadOnlyList<ForeignMigration>?> ReadForeignAsync(MigrationTool tool, string table, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            var names = table.Split('.', 2);
            var (database, name) = names.Length == 2 ? (names[0], names[1]) : (server.Database, table);
            await connection.ExecuteAsync(token, "SET SESSION lock_wait_timeout = 5, time_zone = '+00:00'", "START TRANSACTION READ ONLY");
            return await connection.NumberAsync("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0 AND TABLE_NAME = @p1", [database, name], token) > 0
                ? (IReadOnlyList<ForeignMigration>?)await connection.QueryAsync(Query(tool, MariaDbNames.Quote(database, name)), [], Row, token)
                : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task AdoptAsync(IReadOnlyList<AdoptedMigration> rows, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            await connection.ExecuteAsync(token, "SET SESSION lock_wait_timeout = 5");
            await MariaDbRunnerLock.TakeAsync(connection, server, token);
            await history.AdoptAsync(connection, rows, token);
            return true;
        },
        cancellationToken);

    // The tables as each tool makes them on MySQL and MariaDB.
    private static string Query(MigrationTool tool, string table) => tool switch
    {
        MigrationTool.Flyway => $"SELECT script, installed_on, type, version, description, checksum, installed_by, success FROM {table} ORDER BY installed_rank",
        MigrationTool.Evolve => $"SELECT name, installed_on, type, version, description, checksum, installed_by, success FROM {table} ORDER BY id",
        _ => $"SELECT scriptname, applied, '', NULL, '', NULL, '', 1 FROM {table} ORDER BY applied, 1",
    };

    private static ForeignMigration Row(MySqlDataReader row) => new(row.GetString(0), new DateTimeOffset(row.GetDateTime(1), TimeSpan.Zero))
    {
        Kind = row.Text(2),
        Version = row.IsDBNull(3) ? null : row.Text(3),
        Description = row.Text(4),
        Checksum = row.IsDBNull(5) ? null : row.Text(5),
        AppliedBy = row.Text(6),
        Succeeded = row.Number(7) != 0,
    };

    private Task<T> AskAsync<T>(Func<MySqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => server.AskAsync(jobs, ask, cancellationToken);
}
