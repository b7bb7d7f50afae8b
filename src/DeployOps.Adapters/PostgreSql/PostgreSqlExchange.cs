using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// Exchanges two databases by their names. Meanwhile nobody can connect to the live one: whoever was disconnected would be back before it is renamed. That it was closed is written on
/// the copy first, so that a run that is killed in between leaves it to the next one to open it again.
/// </summary>
/// <param name="live">The live database.</param>
/// <param name="copy">The one that takes its place.</param>
/// <param name="replaced">The name that the live one gets; null where there is no live one.</param>
internal sealed class PostgreSqlExchange(PostgreSqlServer live, string copy, string? replaced)
{
    private const int Tries = 5;
    private const string Mark = "deployops closed ";

    // The copies that say that this database was closed for them, while it is, and whether a run is at it.
    private const string Closing =
        """
        SELECT d.datname::text, EXISTS (
            SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1
            AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('deployops:' || d.datname, 0))
        FROM pg_database d
        WHERE d.datname ~ '^deployops_restore_[0-9a-f]{12}$' AND shobj_description(d.oid, 'pg_database') = $1
            AND EXISTS (SELECT FROM pg_database WHERE datname = $2 AND NOT datallowconn)
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    // One that was open, and was told to close.
    private bool isClosed;

    /// <summary>
    /// Looks at the live database on a connection of its own, once nobody else is in it, and throws where it is not to be replaced; it is told who was in it until then. Default null:
    /// nothing is looked at.
    /// </summary>
    internal Func<NpgsqlConnection, IReadOnlyList<string>, Task>? Check { get; init; }

    /// <summary>Asked right before the live database is closed, and again before both are renamed; what it throws keeps that from happening. Default: does nothing.</summary>
    internal Action BeforeReplacing { get; init; } = () => { };

    /// <summary>What it ended on, once the connection it began on was lost; null before.</summary>
    internal NpgsqlConnection? Connection { get; private set; }

    /// <summary>Exchanges them.</summary>
    /// <param name="connection">To neither of them.</param>
    /// <param name="cancellationToken">Stops it as long as nothing has happened.</param>
    /// <returns>The connection to go on with.</returns>
    /// <exception cref="NpgsqlException">The server refused; both are as they were.</exception>
    /// <exception cref="DeployOpsException"><c>RestoreFailed</c> where prepared transactions keep it from being done; <c>RestoreUnknown</c> or <c>DatabaseLeftClosed</c>.</exception>
    internal async Task<NpgsqlConnection> RunAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        Connection = null;
        var oid = await connection.ScalarAsync<long>("SELECT oid::bigint FROM pg_database WHERE datname = $1", [copy], cancellationToken);
        var pid = await connection.ScalarAsync<int>("SELECT pg_backend_pid()", [], cancellationToken);
        isClosed = false;
        // Connected before nobody can.
        await using var inside = Check is null || replaced is null ? null : await live.OpenAsync("restore", cancellationToken);
        try
        {
            await RefusePreparedAsync(connection, cancellationToken);
            BeforeReplacing();
            await CloseAsync(connection, cancellationToken);
            if (inside is not null)
            {
                var others = await PostgreSqlUsers.OthersAsync(inside, cancellationToken);
                await AloneAsync(connection, inside, cancellationToken);
                await Check!(inside, others);
                await inside.CloseAsync();
            }

            await RenameAsync(connection, cancellationToken);
            return connection;
        }
        catch (Exception e) when (e is not NpgsqlException fault || !PostgreSqlErrors.IsLost(fault) || connection.State == System.Data.ConnectionState.Open)
        {
            // Where only the one that looked was lost, this one is as good as ever.
            await ReopenAsync(connection, e);
            throw;
        }
        catch (NpgsqlException lost)
        {
            if (await HasHappenedAsync(oid, pid, lost))
            {
                return Connection!;
            }

            await ReopenAsync(Connection!, lost);
            throw;
        }
    }

    /// <summary>Opens the live database that a run closed which ended before it had exchanged it; nothing where the copy does not say that one was.</summary>
    internal static async Task OpenWhatWasClosedAsync(NpgsqlConnection connection, string copy, CancellationToken cancellationToken)
    {
        var mark = await connection.ScalarAsync<string>("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", [copy], cancellationToken);
        if (mark?.StartsWith(Mark, StringComparison.Ordinal) == true && await PostgreSqlDatabaseTraits.ExistsAsync(connection, mark[Mark.Length..], cancellationToken))
        {
            await connection.ExecuteAsync(cancellationToken, $"ALTER DATABASE {PostgreSqlNames.Quote(mark[Mark.Length..])} ALLOW_CONNECTIONS true");
        }
    }

    /// <summary>
    /// Opens a database that a run closed which was killed before it had exchanged it, or could not open it again: nobody can connect to it, and whoever goes on has to, first of all.
    /// One that is being exchanged at this moment is waited for.
    /// </summary>
    /// <param name="live">The database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether it was closed so and is open now; nothing was done where not.</returns>
    internal static async Task<bool> OpenLeftClosedAsync(PostgreSqlServer live, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await live.At("postgres").OpenAsync("restore", cancellationToken);
            var wasHeld = false;
            for (var started = TimeProvider.System.GetTimestamp(); ; await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken))
            {
                var copies = await connection.QueryAsync(Closing, [Mark + live.Database, live.Database], row => (Name: row.GetString(0), IsHeld: row.GetBoolean(1)), cancellationToken);
                if (copies.Count == 0)
                {
                    return wasHeld;
                }

                wasHeld = copies.Exists(copy => copy.IsHeld);
                if (!wasHeld)
                {
                    await connection.ExecuteEachAsync(
                        [$"ALTER DATABASE {PostgreSqlNames.Quote(live.Database)} ALLOW_CONNECTIONS true", .. copies.Select(copy => $"COMMENT ON DATABASE {PostgreSqlNames.Quote(copy.Name)} IS NULL")], CancellationToken.None);
                    return true;
                }

                if (TimeProvider.System.GetElapsedTime(started) > Patience)
                {
                    return false;
                }
            }
        }
        catch (Exception e) when (e is PostgresException or DeployOpsException { ErrorId: "DatabaseUnreachable" })
        {
            // Another account has to: why it cannot be connected to is told by whoever tried.
            return false;
        }
    }

    // Whoever is about to end one has to be able to connect for that.
    private async Task RefusePreparedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        for (var started = TimeProvider.System.GetTimestamp(); await PostgreSqlHindrance.FindAsync(connection, live.Database, TimeSpan.Zero, cancellationToken) is { } hindrance; await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken))
        {
            if (TimeProvider.System.GetElapsedTime(started) > PostgreSqlHindrance.Moments)
            {
                throw PostgreSqlHindrance.Refusal(live, hindrance);
            }
        }
    }

    // One that was closed already stays so afterwards.
    private async Task CloseAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (replaced is null || !await connection.ScalarAsync<bool>("SELECT datallowconn FROM pg_database WHERE datname = $1", [live.Database], cancellationToken))
        {
            return;
        }

        await connection.ExecuteAsync(cancellationToken, $"COMMENT ON DATABASE {PostgreSqlNames.Quote(copy)} IS {PostgreSqlNames.Literal(Mark + live.Database)}");
        // No token from here on: what is closed is opened again, also where the answer to this is lost.
        isClosed = true;
        await connection.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE {PostgreSqlNames.Quote(live.Database)} ALLOW_CONNECTIONS false");
    }

    // A session that is told to end may just be committing: what it wrote is seen once it is gone.
    private async Task AloneAsync(NpgsqlConnection connection, NpgsqlConnection inside, CancellationToken cancellationToken)
    {
        var pid = await inside.ScalarAsync<int>("SELECT pg_backend_pid()", [], cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        while (await connection.ScalarAsync<long>("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1 AND pid <> $2 AND backend_type IS DISTINCT FROM 'autovacuum worker'", [live.Database, pid], cancellationToken) > 0)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new DeployOpsException("DatabaseBusy", FaultKind.Busy, $"{live.Place} has sessions that do not end.", "See who they are in pg_stat_activity, then restore again.");
            }

            await Task.Delay(BetweenLooks, TimeProvider.System, cancellationToken);
        }
    }

    private async Task RenameAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var statements = await StatementsAsync(connection);
        for (var attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            BeforeReplacing();
            await connection.ExecuteAsync(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = ANY($1) AND pid <> pg_backend_pid() AND backend_type IS DISTINCT FROM 'autovacuum worker'", [new[] { live.Database, copy }], CancellationToken.None);
            try
            {
                // No token: the exchange has happened or it has not.
                await connection.ExecuteAsync(CancellationToken.None, ["BEGIN", .. statements, "COMMIT"]);
                return;
            }
            catch (PostgresException e) when (!PostgreSqlErrors.IsLost(e))
            {
                await connection.ExecuteAsync(CancellationToken.None, "ROLLBACK");
                // Prepared while it was being closed: the server says no more than that others use it.
                if (e.SqlState == PostgresErrorCodes.ObjectInUse && await PostgreSqlHindrance.FindAsync(connection, live.Database, TimeSpan.Zero, CancellationToken.None) is { } hindrance)
                {
                    throw PostgreSqlHindrance.Refusal(live, hindrance);
                }

                if (e.SqlState != PostgresErrorCodes.ObjectInUse || attempt >= Tries)
                {
                    throw;
                }
            }
        }
    }

    private async Task<IReadOnlyList<string>> StatementsAsync(NpgsqlConnection connection)
    {
        var (name, beside) = (PostgreSqlNames.Quote(live.Database), PostgreSqlNames.Quote(copy));
        var take = $"ALTER DATABASE {beside} RENAME TO {name}";
        if (replaced is null)
        {
            return [take];
        }

        // The live one's words go with its name, over the mark that the copy has.
        var words = await connection.ScalarAsync<string>("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", [live.Database], CancellationToken.None);
        return
        [
            $"COMMENT ON DATABASE {beside} IS {(words is null ? "NULL" : PostgreSqlNames.Literal(words))}",
            $"ALTER DATABASE {beside} ALLOW_CONNECTIONS {(isClosed ? "true" : "false")}",
            $"ALTER DATABASE {name} RENAME TO {PostgreSqlNames.Quote(replaced)}",
            take,
        ];
    }

    // The server may still be at it: what it did is certain once the process that did it is gone.
    private async Task<bool> HasHappenedAsync(long oid, int pid, NpgsqlException lost)
    {
        try
        {
            Connection = await live.At("postgres").OpenAsync("scratch", CancellationToken.None);
            for (var started = TimeProvider.System.GetTimestamp(); await Connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", [pid], CancellationToken.None); await Task.Delay(BetweenLooks, TimeProvider.System))
            {
                await Connection.ExecuteAsync("SELECT pg_terminate_backend($1)", [pid], CancellationToken.None);
                if (TimeProvider.System.GetElapsedTime(started) > Patience)
                {
                    throw Unknown(lost);
                }
            }

            return await Connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND oid::bigint = $2)", [live.Database, oid], CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or DeployOpsException { ErrorId: "DatabaseUnreachable" })
        {
            throw Unknown(lost);
        }
    }

    private async Task ReopenAsync(NpgsqlConnection connection, Exception reason)
    {
        if (!isClosed)
        {
            return;
        }

        try
        {
            // It may be open because the server refused to close it.
            if (!await connection.ScalarAsync<bool>("SELECT datallowconn FROM pg_database WHERE datname = $1", [live.Database], CancellationToken.None))
            {
                await connection.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE {PostgreSqlNames.Quote(live.Database)} ALLOW_CONNECTIONS true");
            }
        }
        catch (NpgsqlException e)
        {
            throw new DeployOpsException(
                "DatabaseLeftClosed",
                FaultKind.Failed,
                $"{live.Place} was not replaced: {Words(reason)}. It is as it was before but for this: nobody can connect to it, since it could not be opened again: {PostgreSqlErrors.Words(e)}.",
                $"At once, connected to the database postgres: ALTER DATABASE {PostgreSqlNames.Quote(live.Database)} ALLOW_CONNECTIONS true. Then mend the cause and restore again.",
                reason)
            { Target = live.Place };
        }
    }

    private DeployOpsException Unknown(NpgsqlException lost) => new(
        "RestoreUnknown",
        FaultKind.Failed,
        $"The connection to {live.Place} was lost while it was exchanged for {copy}: {PostgreSqlErrors.Words(lost)}. The server cannot be asked what came of it: {live.Database} is the restored one, or it is as it was and nobody can connect to it.",
        $"Once the server answers, connected to the database postgres: SELECT datname, datallowconn FROM pg_database. Where {copy} is there, nothing was exchanged: ALTER DATABASE {PostgreSqlNames.Quote(live.Database)} ALLOW_CONNECTIONS true, and restore again. Where it is not, the restored database serves.",
        lost)
    { Target = live.Place };

    private static string Words(Exception reason) => reason is NpgsqlException fault ? PostgreSqlErrors.Words(fault) : reason.Message.TrimEnd('.');
}
