using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Two connections: one runs scripts, by the other they are watched and cancelled on the server. They serve one script after another.</summary>
internal sealed class PostgreSqlConnections : IAsyncDisposable
{
    private Task<bool>? clearing;

    private PostgreSqlConnections(NpgsqlConnection runner, PostgreSqlControl control, PostgreSqlRunnerProcess process, PostgreSqlHost host, (string Account, string Role) identity, IReadOnlyList<(string Name, string Value)> settings) =>
        (Runner, Control, Process, Host, Account, Role, Settings) = (runner, control, process, host, identity.Account, identity.Role, settings);

    /// <summary>What scripts run on.</summary>
    internal NpgsqlConnection Runner { get; }

    /// <summary>What they are watched and cancelled by.</summary>
    internal PostgreSqlControl Control { get; }

    /// <summary>The server's process that runs them.</summary>
    internal PostgreSqlRunnerProcess Process { get; }

    /// <summary>Of what a script runs under where the server lets it, what it lets: asked once.</summary>
    internal IReadOnlyList<(string Name, string Value)> Settings { get; }

    /// <summary>The role that connected.</summary>
    internal string Account { get; }

    /// <summary>The role that it has from its first moment on: <c>none</c>, or what its settings on the server say.</summary>
    internal string Role { get; }

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
                var identity = await runner.QueryAsync("SELECT session_user::text, current_setting('role')", [], row => (row.GetString(0), row.GetString(1)), token);
                var process = await control.UseFirstAsync(second => PostgreSqlRunnerProcess.FindAsync(second, pid, token)) ?? throw PostgreSqlErrors.Gone(server, pid);
                return new PostgreSqlConnections(runner, control, process, new PostgreSqlHost(server, pid), identity[0], await PostgreSqlSettings.AllowedAsync(runner, PostgreSqlSettings.Wanted, token));
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

    /// <summary>Whether a script ran on them before.</summary>
    internal bool WereUsed => clearing is not null;

    /// <summary>Begins to take away what a script left in the session: settings, roles, temporary tables, statements, locks and with them that of the runner.</summary>
    internal void Clear() => clearing = ClearAsync();

    /// <summary>Waits until that is done; false where it could not be done.</summary>
    internal Task<bool> IsClearAsync() => clearing ?? Task.FromResult(true);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await IsClearAsync();
        await Runner.DisposeAsync();
        await Control.DisposeAsync();
    }

    private async Task<bool> ClearAsync()
    {
        try
        {
            await Runner.ExecuteAsync(CancellationToken.None, "DISCARD ALL");
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            // Whoever runs the next script connects anew; the one before it has succeeded.
            return false;
        }
    }
}
