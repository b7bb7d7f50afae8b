using DeployOps.Adapters.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Names who is connected to a database.</summary>
internal static class PostgreSqlUsers
{
    /// <summary>The others in a connection's database, each once, such as <c>nightly-orders (role shop, 10.0.0.5)</c>; the address as far as this account may see it.</summary>
    internal static async Task<IReadOnlyList<string>> OthersAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        NamedUsers.Of(await connection.QueryAsync(
            """
            SELECT DISTINCT format('%s (role %s%s)', coalesce(nullif(application_name, ''), 'a program without a name'), usename, ', ' || host(client_addr))
            FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY 1
            """,
            [],
            row => row.GetString(0),
            cancellationToken));
}
