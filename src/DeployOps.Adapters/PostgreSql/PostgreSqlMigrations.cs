using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Applies and reverts scripts: in one transaction with the history row, or, where PostgreSQL does not allow that, statement by statement with a record of each.</summary>
/// <param name="server">The database.</param>
/// <param name="keeper">Keeps connections from one script to the next.</param>
/// <param name="scriptTimeout">How long one script may run.</param>
/// <param name="limits">What a script may do to others, and what it waits for.</param>
/// <param name="pace">How long to wait for others.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class PostgreSqlMigrations(PostgreSqlServer server, PostgreSqlConnectionKeeper keeper, TimeSpan scriptTimeout, MigrationLimits limits, ScriptPace pace, DatabaseJobs jobs) : IMigrationTarget
{
    /// <summary>Whether whoever observes a script is told what each statement does: on a copy only, since each then costs some queries more.</summary>
    internal bool Traces { get; init; }

    private readonly ScriptPass pass = new();

    /// <inheritdoc/>
    public Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken) => ReadAsync(
        async (connection, token) =>
        {
            // What comes between the two is refused later, though it was read: better than the other way round.
            var end = await PostgreSqlHistory.ExistsAsync(connection, token) ? await PostgreSqlHistory.EndAsync(connection, token) : 0;
            var rows = await PostgreSqlHistory.ReadAsync(connection, token);
            pass.History.Read(end);
            return rows;
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindOutsideAsync(CancellationToken cancellationToken) => ReadAsync(
        (connection, token) => connection.ScalarAsync<string>("SELECT 'the foreign server ' || string_agg(srvname, ', ' ORDER BY srvname) FROM pg_catalog.pg_foreign_server", [], token), cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindBeyondAsync(IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => PostgreSqlReach.FindAsync(connection, scripts, queries, token), cancellationToken);

    /// <inheritdoc/>
    public Task EnsureHistoryAsync(CancellationToken cancellationToken) => ReadAsync(
        async (connection, token) =>
        {
            await PostgreSqlHistory.EnsureAsync(connection, token);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public bool IsBookkeeping(string table) => PostgreSqlHistory.IsTable(table);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BegunMigration>> ReadBegunAsync(CancellationToken cancellationToken) => ReadAsync(PostgreSqlHistory.ReadBegunAsync, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> IsHalfAppliedAsync(MigrationVersion version, CancellationToken cancellationToken) =>
        ReadAsync((connection, token) => PostgreSqlHistory.IsHalfAppliedAsync(connection, version, token), cancellationToken);

    /// <inheritdoc/>
    public Task<int?> CountReplicasAsync(CancellationToken cancellationToken) => ReadAsync(PostgreSqlSampling.CountReplicasAsync, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindUnseenAsync(CancellationToken cancellationToken) => ReadAsync(
        async (connection, token) =>
        {
            var host = new PostgreSqlHost(server, connection.ProcessID);
            await host.DisksAsync(connection);
            var isHidden = await PostgreSqlSampling.HidesAsync(connection, token);
            return (IReadOnlyList<string>)[.. limits.MinFreeDisk > 0 && host.Unknown is { } disk ? [disk] : Array.Empty<string>(), .. isHidden ? [PostgreSqlSampling.Hidden] : Array.Empty<string>()];
        },
        cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationScriptFailed</c>, <c>MigrationLockTimeout</c>, <c>MigrationScriptTimeout</c>, <c>MigrationIndexInvalid</c>, <c>MigrationInterrupted</c>, <c>MigrationCommitUnknown</c>,
    /// <c>MigrationTransactionMixed</c>, <c>MigrationHeaderInvalid</c>, <c>MigrationAlreadyApplied</c>, <c>MigrationHistoryChanged</c>, <c>MigrationGateHeld</c>, <c>MigrationBlockedOthers</c>, <c>MigrationBusy</c>, <c>DatabasePooled</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>; each says what of the script is left.
    /// </exception>
    public Task ApplyAsync(MigrationScript script, string appliedBy, IMigrationObserver observer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(script);
        return ChangeAsync(script, appliedBy, new WatchedScript(script.FileName, 0, limits, observer, pass) { Traces = Traces }, cancellationToken);
    }

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException">Those of <see cref="ApplyAsync"/>, and <c>MigrationNotApplied</c> where there is nothing to undo.</exception>
    public Task RevertAsync(MigrationScript undo, CancellationToken cancellationToken) => RevertAsync(undo, new SilentObserver(), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException">The same.</exception>
    public Task RevertAsync(MigrationScript undo, IMigrationObserver observer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(undo);
        return ChangeAsync(undo, Environment.UserName, new WatchedScript(undo.FileName, 0, limits, observer, pass) { IsJudged = Traces }, cancellationToken);
    }

    private Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken) => jobs.RunAsync(token => keeper.ReadAsync(read, token), cancellationToken);

    private Task ChangeAsync(MigrationScript script, string appliedBy, WatchedScript watched, CancellationToken cancellationToken)
    {
        var standing = new ScriptStanding();
        return jobs.RunAsync(
            async token =>
            {
                try
                {
                    // Read once and known from then on.
                    var kind = script.Class(SqlDialect.PostgreSql);
                    await using var session = await OpenAsync(watched with { Statements = kind.Statements, IsOneTransaction = kind.Transaction == MigrationTransaction.Tx }, token);
                    await session.Watch.PassGateAsync("the script", () => "Nothing of it was begun.", token);
                    await (session.Tracer?.BeginAsync() ?? Task.CompletedTask);
                    session.Watch.Start();
                    await (kind.Transaction == MigrationTransaction.Tx
                        ? new PostgreSqlTransactionRunner(session, script, appliedBy, pass.History, watched.Observer.BeforeCommit).RunAsync()
                        : new PostgreSqlStatementRunner(session, script, appliedBy, pass.History, standing).RunAsync());
                    await (session.Tracer?.EndAsync() ?? Task.CompletedTask);
                    session.Succeeds();
                    return true;
                }
                catch (SqlScriptException e)
                {
                    throw e.In(script.FileName);
                }
                catch (NpgsqlException e)
                {
                    throw PostgreSqlErrors.Of(server, e);
                }
            },
            scriptTimeout,
            () => PostgreSqlScriptErrors.TooLong(script, scriptTimeout, standing.Left),
            cancellationToken);
    }

    // Connections that the server ended while they were idle are no fault of the script.
    private async Task<PostgreSqlSession> OpenAsync(WatchedScript watched, CancellationToken token)
    {
        while (true)
        {
            var session = await PostgreSqlSession.OpenAsync(server, keeper, watched, pace, scriptTimeout, jobs.Time, token);
            try
            {
                await PostgreSqlRunnerLock.TakeAsync(session);
                return session;
            }
            catch (NpgsqlException e) when (session.IsOnUsedConnections && PostgreSqlErrors.IsLost(e))
            {
                await session.DisposeAsync();
            }
            catch
            {
                await session.DisposeAsync();
                throw;
            }
        }
    }
}
