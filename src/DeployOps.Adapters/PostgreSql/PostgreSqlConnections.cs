using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Two connections: one runs scripts, by the other they are watched and cancelled on the server. They serve one script after another.</summary>
internal sealed class PostgreSqlConnections : IAsyncDisposable
{
    // What DISCARD ALL does, which cannot stand in a batch; with it goes the lock of the runner.
    private static readonly string[] Leftovers =
    [
        "RESET SESSION AUTHORIZATION", "RESET ROLE", "RESET ALL", "CLOSE ALL", "UNLISTEN *", "DISCARD PLANS", "DISCARD TEMP", "DISCARD SEQUENCES", "DEALLOCATE ALL", "SELECT pg_advisory_unlock_all()",
    ];

    private PostgreSqlConnections(NpgsqlConnection runner, PostgreSqlControl control, int pid, PostgreSqlHost host, string account) =>
        (Runner, Control, Pid, Host, Account) = (runner, control, pid, host, account);

    /// <summary>What scripts run on.</summary>
    internal NpgsqlConnection Runner { get; }

    /// <summary>What they are watched and cancelled by.</summary>
    internal PostgreSqlControl Control { get; }

    /// <summary>The server's process that runs them.</summary>
    internal int Pid { get; }

    /// <summary>The role that connected.</summary>
    internal string Account { get; }

    /// <summary>The server's machine, where it is this one.</summary>
    internal PostgreSqlHost Host { get; }

    /// <summary>Whether the history was seen to be there.</summary>
    internal bool HasHistory { get; set; }

    /// <summary>Connects.</summary>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c> or <c>DatabasePooled</c>.</exception>
    internal static async Task<PostgreSqlConnections> OpenAsync(PostgreSqlServer server, string script, CancellationToken token)
    {
        var runner = await server.OpenAsync(script, token);
        try
        {
            var control = await PostgreSqlControl.OpenAsync(server, token);
            try
            {
                var pid = await control.UseFirstAsync(second => PostgreSqlPooler.RefuseAsync(server, runner, second, token));
                var account = await runner.ScalarAsync<string>("SELECT session_user::text", [], token);
                return new PostgreSqlConnections(runner, control, pid, new PostgreSqlHost(server, pid), account!);
            }
            catch
            {
                await control.DisposeAsync();
                throw;
            }
        }
        catch
        {
            await runner.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes away what a script left in the session: settings, roles, temporary tables, statements, locks. False where that cannot be done any more.</summary>
    internal async Task<bool> ClearAsync()
    {
        try
        {
            await Runner.ExecuteAsync(CancellationToken.None, Leftovers);
            return true;
        }
        catch (NpgsqlException)
        {
            // Whoever runs the next script connects anew; this one has succeeded.
            return false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Runner.DisposeAsync();
        await Control.DisposeAsync();
    }
}
