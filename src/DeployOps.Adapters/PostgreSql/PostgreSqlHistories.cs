using DeployOps.Migrations.Imports;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Reads the tables of other migration tools, and writes the history of a database that is taken in.</summary>
/// <param name="server">The database.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class PostgreSqlHistories(PostgreSqlServer server, DatabaseJobs jobs) : IHistoryTarget
{
    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>DatabaseReadFailed</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>.</exception>
    public Task<IReadOnlyList<ForeignMigration>?> ReadForeignAsync(MigrationTool tool, string table, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            var name = string.Join('.', table.Split('.').Select(PostgreSqlNames.Quote));
            await connection.ExecuteAsync(token, "BEGIN READ ONLY");
            return await connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", [name], token)
                ? (IReadOnlyList<ForeignMigration>?)await connection.QueryAsync(Query(tool, name), [], Row, token)
                : null;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task AdoptAsync(IReadOnlyList<AdoptedMigration> rows, CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            await connection.ExecuteAsync(token, "BEGIN");
            await PostgreSqlRunnerLock.RefuseAsync(connection, token);
            await PostgreSqlHistory.EnsureAsync(connection, token);
            if (await connection.ScalarAsync<long>("SELECT count(*) FROM deployops.migration", [], token) is > 0 and var existing)
            {
                throw DatabaseAdoption.Exists((int)existing);
            }

            foreach (var row in rows)
            {
                await PostgreSqlHistory.AdoptAsync(connection, row, token);
            }

            await connection.ExecuteAsync(CancellationToken.None, "COMMIT");
            return true;
        },
        cancellationToken);

    private static string Query(MigrationTool tool, string table) => tool switch
    {
        MigrationTool.Flyway => $"SELECT script, installed_on::timestamptz, type, version, description, checksum::text, installed_by, success FROM {table} ORDER BY installed_rank",
        MigrationTool.Evolve => $"SELECT name, installed_on::timestamptz, type::text, version, description, checksum, installed_by, success FROM {table} ORDER BY id",
        _ => $"SELECT scriptname, applied::timestamptz, '', NULL, '', NULL, '', true FROM {table} ORDER BY applied, 1",
    };

    private static ForeignMigration Row(NpgsqlDataReader row) => new(row.GetString(0), new DateTimeOffset(row.GetFieldValue<DateTime>(1).ToUniversalTime(), TimeSpan.Zero))
    {
        Kind = row.IsDBNull(2) ? "" : row.GetString(2),
        Version = row.IsDBNull(3) ? null : row.GetString(3),
        Description = row.GetString(4),
        Checksum = row.IsDBNull(5) ? null : row.GetString(5),
        AppliedBy = row.GetString(6),
        Succeeded = row.GetBoolean(7),
    };

    private Task<T> AskAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => jobs.RunAsync(
        async token =>
        {
            await using var connection = await server.OpenAsync("history", token);
            try
            {
                return await ask(connection, token);
            }
            catch (NpgsqlException e)
            {
                throw PostgreSqlErrors.Of(server, e);
            }
        },
        cancellationToken);
}
