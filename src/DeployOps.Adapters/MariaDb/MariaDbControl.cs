using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A connection beside the one that runs a script, in no transaction ever: the script is looked at and cancelled by it. It is open before it is needed, since a server that is
/// full takes no connection to cancel by; a look that takes too long is ended, so that it does not keep a cancel waiting.
/// </summary>
internal sealed class MariaDbControl : IAsyncDisposable
{
    private const string Limits = "SET SESSION max_statement_time = 2, lock_wait_timeout = 1";

    // More than the server gives a look.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly MariaDbServer server;
    private readonly SemaphoreSlim turn = new(1);
    private MySqlConnection connection;

    private MariaDbControl(MariaDbServer server, MySqlConnection connection) => (this.server, this.connection) = (server, connection);

    /// <summary>Connects.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal static async Task<MariaDbControl> OpenAsync(MariaDbServer server, CancellationToken cancellationToken) => new(server, await ConnectAsync(server, cancellationToken));

    /// <summary>Uses the connection when nobody else does; one that was lost is opened anew.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>.</exception>
    internal async Task<T> UseAsync<T>(Func<MySqlConnection, Task<T>> use)
    {
        await turn.WaitAsync(CancellationToken.None);
        try
        {
            if (connection.State != System.Data.ConnectionState.Open)
            {
                await connection.DisposeAsync();
                connection = await ConnectAsync(server, CancellationToken.None);
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

    private static async Task<MySqlConnection> ConnectAsync(MariaDbServer server, CancellationToken cancellationToken)
    {
        var made = await server.OpenServerAsync(Patience, cancellationToken);
        try
        {
            await made.ExecuteAsync(cancellationToken, Limits);
            return made;
        }
        catch (MySqlException e)
        {
            await made.DisposeAsync();
            throw MariaDbErrors.Of(server, e);
        }
        catch
        {
            await made.DisposeAsync();
            throw;
        }
    }
}
