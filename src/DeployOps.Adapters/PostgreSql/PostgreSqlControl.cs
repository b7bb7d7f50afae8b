using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// A connection beside the one that runs a script, in no transaction ever: the script is looked at and cancelled by it. It is open before it is needed, since a server that is
/// full takes no connection to cancel by. A look that takes too long is ended by the server, and given up here where the network is gone, so that it keeps no cancel waiting.
/// </summary>
internal sealed class PostgreSqlControl : IAsyncDisposable
{
    private const string Purpose = "control";
    private const string Limit = "SET statement_timeout = '2s'";
    private readonly PostgreSqlServer server;
    private readonly SemaphoreSlim turn = new(1);
    private NpgsqlConnection connection;
    private bool isLimited;

    private PostgreSqlControl(PostgreSqlServer server, NpgsqlConnection connection) => (this.server, this.connection) = (server, connection);

    /// <summary>Connects.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal static async Task<PostgreSqlControl> OpenAsync(PostgreSqlServer server, CancellationToken cancellationToken)
    {
        var impatient = server.Impatient();
        return new PostgreSqlControl(impatient, await impatient.OpenAsync(Purpose, cancellationToken));
    }

    /// <summary>Uses the connection when nobody else does; one that was lost is opened anew.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> use)
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            if (connection.State != System.Data.ConnectionState.Open)
            {
                await connection.DisposeAsync();
                isLimited = false;
                connection = await server.OpenAsync(Purpose, CancellationToken.None);
            }

            if (!isLimited)
            {
                await connection.ExecuteAsync(CancellationToken.None, Limit);
                isLimited = true;
            }

            return await use(connection);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Uses the connection where nobody else does at this moment and it is open; null where not.</summary>
    internal async Task<T?> IfFreeAsync<T>(Func<NpgsqlConnection, Task<T>> use)
        where T : class
    {
        if (!await turn.WaitAsync(TimeSpan.Zero, CancellationToken.None))
        {
            return null;
        }

        try
        {
            return isLimited && connection.State == System.Data.ConnectionState.Open ? await use(connection) : null;
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Uses the connection as it was opened, before it is known that there is no pooler between.</summary>
    internal Task<T> UseFirstAsync<T>(Func<NpgsqlConnection, Task<T>> use) => use(connection);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        turn.Dispose();
    }
}
