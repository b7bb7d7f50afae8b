using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>The subscriptions of a server's databases to publications of other servers. A database that has one cannot be dropped.</summary>
/// <param name="keeper">A connection to any database of the server.</param>
/// <param name="server">Any database of the server.</param>
internal sealed class PostgreSqlSubscriptions(NpgsqlConnection keeper, PostgreSqlServer server)
{
    /// <summary>Their names, by name.</summary>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    internal async Task<IReadOnlyList<string>> NamesAsync(string database) => await keeper.QueryAsync(
        "SELECT s.subname::text FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = $1 ORDER BY 1", [database], row => row.GetString(0), CancellationToken.None);

    /// <summary>
    /// Takes them away, without a word to their publishers: the slot there is what another subscription of the name may go on with. The database is opened for that where nobody may connect.
    /// </summary>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal async Task RemoveAsync(string database)
    {
        var names = await NamesAsync(database);
        if (names.Count == 0)
        {
            return;
        }

        await keeper.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE {PostgreSqlNames.Quote(database)} ALLOW_CONNECTIONS true");
        try
        {
            await using var within = await server.At(database).OpenAsync("scratch", CancellationToken.None);
            foreach (var name in names.Select(PostgreSqlNames.Quote))
            {
                await within.ExecuteAsync(CancellationToken.None, $"ALTER SUBSCRIPTION {name} DISABLE");
                await within.ExecuteAsync(CancellationToken.None, $"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)");
                await within.ExecuteAsync(CancellationToken.None, $"DROP SUBSCRIPTION {name}");
            }
        }
        catch (Exception e) when (e is NpgsqlException or DeployOpsException)
        {
            // Open, it would go on receiving what the restored database is to have.
            await keeper.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE {PostgreSqlNames.Quote(database)} ALLOW_CONNECTIONS false");
            throw;
        }
    }
}
