using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Keeps the connections of one script for the next one, while a database is open: to connect takes longer than a small script runs.</summary>
/// <param name="server">The database.</param>
internal sealed class PostgreSqlConnectionKeeper(PostgreSqlServer server) : IAsyncDisposable
{
    private PostgreSqlConnections? idle;
    private volatile bool isClosed;

    /// <summary>Takes them, or connects.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c> or <c>DatabasePooled</c>.</exception>
    internal async Task<PostgreSqlConnections> TakeAsync(string script, CancellationToken token) => await KeptAsync() ?? await PostgreSqlConnections.OpenAsync(server, script, token);

    /// <summary>Keeps them after a script that succeeded; what it left is taken away meanwhile.</summary>
    internal async Task GiveBackAsync(PostgreSqlConnections connections)
    {
        connections.Clear();
        if (isClosed || Interlocked.CompareExchange(ref idle, connections, null) is not null)
        {
            await connections.DisposeAsync();
        }
    }

    /// <summary>Reads by what is kept, or by a connection of its own that is closed again.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>, <c>DatabaseConnectionLost</c>, <c>DatabaseBusy</c> or <c>DatabaseReadFailed</c>.</exception>
    internal async Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken token)
    {
        if (await KeptAsync() is { } kept)
        {
            try
            {
                var answer = await read(kept.Runner, token);
                await GiveBackAsync(kept);
                return answer;
            }
            catch (NpgsqlException e) when (PostgreSqlErrors.IsLost(e))
            {
                // The server ended it while it was idle.
                await kept.DisposeAsync();
            }
            catch (NpgsqlException e)
            {
                await kept.DisposeAsync();
                throw PostgreSqlErrors.Of(server, e);
            }
            catch
            {
                await kept.DisposeAsync();
                throw;
            }
        }

        await using var own = await server.OpenAsync("history", token);
        try
        {
            return await read(own, token);
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Of(server, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        isClosed = true;
        if (Interlocked.Exchange(ref idle, null) is { } kept)
        {
            await kept.DisposeAsync();
        }
    }

    private async Task<PostgreSqlConnections?> KeptAsync()
    {
        if (Interlocked.Exchange(ref idle, null) is not { } kept)
        {
            return null;
        }

        if (await kept.IsClearAsync())
        {
            return kept;
        }

        await kept.DisposeAsync();
        return null;
    }
}
