using DeployOps.Adapters.Watching;
using DeployOps.Migrations;
using DeployOps.Migrations.Sql;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Transactions;
using DeployOps.Migrations.Validations;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Applies and reverts scripts: those that change rows alone in one transaction with the history row, all others statement by statement with a record of each, since
/// every definition commits by itself in MariaDB.
/// </summary>
/// <param name="server">The database.</param>
/// <param name="watcher">The same by the account that it is watched by.</param>
/// <param name="scriptTimeout">How long one script may run.</param>
/// <param name="limits">What a script may do to others, and what it waits for.</param>
/// <param name="pace">How long to wait for others.</param>
/// <param name="jobs">Where the work runs.</param>
internal sealed class MariaDbMigrations(MariaDbServer server, MariaDbServer watcher, TimeSpan scriptTimeout, MigrationLimits limits, ScriptPace pace, DatabaseJobs jobs) : IMigrationTarget
{
    /// <summary>Whether whoever observes a script is told what each statement does: on a copy only, since each then costs some queries more.</summary>
    internal bool Traces { get; init; }

    /// <summary>Whether the account has rights on this database alone, so that the server keeps scripts within it.</summary>
    internal bool IsConfined { get; init; }

    private readonly ScriptPass pass = new();
    private readonly MariaDbHistory history = new(server.Database);

    /// <inheritdoc/>
    public Task<IReadOnlyList<AppliedMigration>> ReadHistoryAsync(CancellationToken cancellationToken) =>
        AskAsync(
            async (connection, token) =>
            {
                // What comes between the two is refused later, though it was read: better than the other way round.
                var end = await history.EndAsync(connection, token);
                var rows = await history.ReadAsync(connection, token);
                pass.History.Read(end);
                return rows;
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task EnsureHistoryAsync(CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            await history.EnsureAsync(connection, token);
            return true;
        },
        cancellationToken);

    /// <inheritdoc/>
    public bool IsBookkeeping(string table) => MariaDbHistory.IsTable(table);

    /// <inheritdoc/>
    public Task<bool> IsHalfAppliedAsync(MigrationVersion version, CancellationToken cancellationToken) =>
        AskAsync((connection, token) => history.IsHalfAppliedAsync(connection, version, token), cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindOutsideAsync(CancellationToken cancellationToken) => AskAsync((connection, token) => MariaDbOutside.FindAsync(connection, server.Database, IsConfined, token), cancellationToken);

    /// <inheritdoc/>
    public async Task<string?> FindBeyondAsync(IReadOnlyList<MigrationScript> scripts, IReadOnlyList<ValidationQuery> queries, CancellationToken cancellationToken)
    {
        var beyond = await watcher.AskAsync(
            jobs,
            async (connection, token) =>
            {
                // An account with rights on one database is shown no other.
                var bounds = new MariaDbBounds(await MariaDbOutside.OthersAsync(connection, server.Database, token));
                return IsConfined ? bounds.FindUnguarded(scripts, queries) : bounds.Find(scripts, queries);
            },
            cancellationToken);
        // What the account owns it is shown.
        return beyond is not null || !IsConfined ? beyond : await AskAsync((connection, token) => MariaDbNamedLocks.FindAsync(connection, server.Database, scripts, queries, token), cancellationToken);
    }

    /// <inheritdoc/>
    public string? WhyWithheld(DeployOpsException refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        return !IsConfined || refusal.InnerException is not MySqlException fault || !MariaDbErrors.IsWithheld(fault) ? null
            : MariaDbErrors.IsOfBinaryLog(fault) ? MariaDbErrors.BinaryLogWay
            : "on the copy the server gives no right beyond it";
    }

    /// <inheritdoc/>
    public Task<int?> CountReplicasAsync(CancellationToken cancellationToken) => AskAsync(MariaDbReaders.CountAsync, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindUnseenAsync(CancellationToken cancellationToken) => AskAsync(
        async (connection, token) =>
        {
            var host = new MariaDbHost(server);
            await host.DiskAsync(connection);
            var sees = await MariaDbSampling.SeesTransactionsAsync(connection, token);
            return (IReadOnlyList<string>)[.. limits.MinFreeDisk > 0 && host.Unknown is { } disk ? [disk] : Array.Empty<string>(), .. sees ? Array.Empty<string>() : [MariaDbSampler.Hidden], .. await MariaDbGalera.FindAsync(connection, token) is { } others ? [others] : Array.Empty<string>()];
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<BegunMigration>> ReadBegunAsync(CancellationToken cancellationToken) => AskAsync(history.ReadBegunAsync, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationScriptFailed</c>, <c>MigrationLockTimeout</c>, <c>MigrationScriptTimeout</c>, <c>MigrationInterrupted</c>, <c>MigrationCommitUnknown</c>, <c>MigrationScriptUnsupported</c>,
    /// <c>MigrationTransactionMixed</c>, <c>MigrationHeaderInvalid</c>, <c>MigrationAlreadyApplied</c>, <c>MigrationHistoryChanged</c>, <c>MigrationChunkExceeded</c>, <c>MigrationRoundUncounted</c>, <c>MigrationGateHeld</c>,
    /// <c>MigrationBlockedOthers</c>, <c>MigrationBusy</c>, <c>MigrationVerifyUnsupported</c>, <c>DatabasePooled</c>, <c>DatabaseConnectionLost</c> or <c>DatabaseUnreachable</c>; each says what of the script is left.
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

    private Task<T> AskAsync<T>(Func<MySqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken) => server.AskAsync(jobs, ask, cancellationToken);

    private Task ChangeAsync(MigrationScript script, string appliedBy, WatchedScript watched, CancellationToken cancellationToken)
    {
        var statements = 0;
        var inTransaction = IsOneTransaction(script.Statements().Select(statement => (statements++, statement).Item2));
        var standing = new ScriptStanding { BeginsAnew = script.IsRepeatable };
        return jobs.RunAsync(
            async token =>
            {
                await using var session = await MariaDbSession.OpenAsync(server, watcher, watched with { Statements = statements }, pace, scriptTimeout, jobs.Time, token);
                try
                {
                    inTransaction = session.AnsiQuotes ? IsOneTransaction(script.Statements(session)) : inTransaction;
                    await MariaDbRunnerLock.TakeAsync(session);
                    await session.Watch.PassGateAsync("the script", () => "Nothing of it was begun.", token);
                    session.Watch.Start();
                    var without = await MariaDbEngines.WithoutTransactionsAsync(session.Runner, server.Database, token);
                    var isWhole = inTransaction && !(without.Count > 0 && script.Statements(session).Any(statement => statement.Names(without)));
                    if (!isWhole && watched.Observer.BeforeCommit is not null)
                    {
                        throw VerifyRefusals.OutsideOfTransaction(script);
                    }

                    await (isWhole
                        ? new MariaDbTransactionRunner(session, script, appliedBy, pass.History, standing, watched.Observer.BeforeCommit).RunAsync()
                        : new MariaDbStatementRunner(session, script, appliedBy, pass.History, without, standing).RunAsync());
                    return true;
                }
                catch (SqlScriptException e)
                {
                    throw e.In(script.FileName);
                }
                catch (MySqlException e)
                {
                    throw MariaDbErrors.Of(server, e);
                }
            },
            scriptTimeout,
            () => ScriptErrors.TooLong(script, scriptTimeout, standing.Left),
            cancellationToken);

        bool IsOneTransaction(IEnumerable<SqlStatement> all) => MigrationTransactions.Find(script.FileName, all.Select(statement => Require(script, statement))) == MigrationTransaction.Tx;
    }

    private static SqlStatement Require(MigrationScript script, SqlStatement statement) =>
        statement.Refusal() is { } why ? throw MariaDbScriptErrors.Unsupported(script, statement, why) : statement;
}
