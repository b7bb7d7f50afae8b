using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// A connection beside the one that runs a script, in no transaction ever: the script is looked at and cancelled by it. It is open before it is needed, since a server that is
/// full takes no connection to cancel by; a look that takes too long is ended, so that it does not keep a cancel waiting.
/// </summary>
internal sealed class PostgreSqlControl : IAsyncDisposable
{
    private const string Purpose = "control";
    private readonly PostgreSqlServer server;
    private readonly SemaphoreSlim turn = new(1);
    private NpgsqlConnection connection;

    private PostgreSqlControl(PostgreSqlServer server, NpgsqlConnection connection) => (this.server, this.connection) = (server, connection);

    /// <summary>Connects.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal static async Task<PostgreSqlControl> OpenAsync(PostgreSqlServer server, CancellationToken cancellationToken) => new(server, await server.OpenAsync(Purpose, cancellationToken));

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
                connection = await server.OpenAsync(Purpose, CancellationToken.None);
            }

            return await use(connection);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await connection.DisposeAsync();
        turn.Dispose();
    }
}
