using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Keeps the connections of one script for the next one, while a database is open: to connect takes as long as a small script runs.</summary>
/// <param name="server">The database.</param>
internal sealed class PostgreSqlConnectionKeeper(PostgreSqlServer server) : IAsyncDisposable
{
    private PostgreSqlConnections? idle;
    private volatile bool isClosed;

    /// <summary>Takes them, or connects.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c> or <c>DatabasePooled</c>.</exception>
    internal async Task<PostgreSqlConnections> TakeAsync(string script, CancellationToken token)
    {
        if (Interlocked.Exchange(ref idle, null) is not { } kept)
        {
            return await PostgreSqlConnections.OpenAsync(server, script, token);
        }

        try
        {
            await kept.Runner.ExecuteAsync("SELECT set_config('application_name', $1, false)", [PostgreSqlServer.ApplicationName(script)], token);
            return kept;
        }
        catch (Exception e)
        {
            await kept.DisposeAsync();
            if (e is not NpgsqlException)
            {
                throw;
            }

            // The server ended it while it was idle.
            return await PostgreSqlConnections.OpenAsync(server, script, token);
        }
    }

    /// <summary>Keeps them after a script that succeeded, cleared of what it left.</summary>
    internal async Task GiveBackAsync(PostgreSqlConnections connections)
    {
        var isClear = !isClosed && connections.Runner.State == System.Data.ConnectionState.Open && await connections.ClearAsync();
        if (!isClear || Interlocked.CompareExchange(ref idle, connections, null) is not null)
        {
            await connections.DisposeAsync();
        }
    }

    /// <summary>Reads by what is kept, or by a connection of its own that is closed again.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>, <c>DatabaseConnectionLost</c>, <c>DatabaseBusy</c> or <c>DatabaseReadFailed</c>.</exception>
    internal async Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken token)
    {
        var kept = Volatile.Read(ref idle) is null ? null : await TakeAsync("history", token);
        await using var own = kept is null ? await server.OpenAsync("history", token) : null;
        var isWhole = false;
        try
        {
            var answer = await read(own ?? kept!.Runner, token);
            isWhole = true;
            return answer;
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Of(server, e);
        }
        finally
        {
            if (kept is not null && (!isWhole || isClosed || Interlocked.CompareExchange(ref idle, kept, null) is not null))
            {
                await kept.DisposeAsync();
            }
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
}
