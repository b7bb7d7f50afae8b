using System.Globalization;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// A database beside the live one, or on another server, filled from a dump and dropped in the end unless it has taken the live one's place. While it is in use, a lock named after it
/// is held; a database of such a name without its lock was left by a run that ended before it could tidy up, and the next run drops it.
/// </summary>
internal sealed class PostgreSqlScratch : IAsyncDisposable
{
    // What one begins with that only proves a backup.
    private const string Verify = "deployops_verify_";

    // What one begins with that is to take the live database's place.
    private const string Restore = "deployops_restore_";

    private const string Replaced = "deployops_replaced_";
    private const string Anew = "Drop the subscription, empty its tables and create it anew with copy_data; until then its slot keeps the publisher's log.";
    private readonly PostgreSqlServer live;
    private readonly PostgreSqlServer home;
    private readonly string name;
    private readonly Action<string> tell;
    private NpgsqlConnection keeper;
    private bool mayBeThere;

    // Exchanged, or nobody knows.
    private bool gone;

    private PostgreSqlScratch(PostgreSqlServer live, PostgreSqlServer home, NpgsqlConnection keeper, string name, Action<string> tell) =>
        (this.live, this.home, this.keeper, this.name, this.tell) = (live, home, keeper, name, tell);

    /// <summary>The database.</summary>
    internal PostgreSqlServer Server => home.At(name);

    /// <summary>Whether it has the live database's place.</summary>
    internal bool HasTakenPlace { get; private set; }

    /// <summary>The process of the server that serves it while it is made and removed.</summary>
    internal int Process => keeper.ProcessID;

    /// <summary>Drops what earlier runs left and makes one beside the live database, empty, of its encoding and collation, to take its place.</summary>
    /// <param name="live">The live database.</param>
    /// <param name="tell">Is told what is left to be done by hand.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>; <c>BackupScratchFailed</c> where there is no room.</exception>
    internal static Task<PostgreSqlScratch> BesideAsync(PostgreSqlServer live, Action<string> tell, CancellationToken cancellationToken) =>
        CreateAsync(live, live.At("postgres"), Restore, null, mustKnowRoom: false, PostgreSqlCopyPlace.TakesPlace, tell, cancellationToken);

    /// <summary>The same to prove a backup, on any server.</summary>
    /// <param name="live">The live database.</param>
    /// <param name="home">A database of the server it is to be on.</param>
    /// <param name="source">A connection to the live database.</param>
    /// <param name="mustKnowRoom">Whether it is made only where it is known that there is room for it.</param>
    /// <param name="place">Where it is made.</param>
    /// <param name="tell">Is told what is left to be done by hand.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>; <c>BackupProofUnknown</c> where there is no room.</exception>
    internal static Task<PostgreSqlScratch> ForProofAsync(PostgreSqlServer live, PostgreSqlServer home, NpgsqlConnection source, bool mustKnowRoom, PostgreSqlCopyPlace place, Action<string> tell, CancellationToken cancellationToken) =>
        CreateAsync(live, home, Verify, source, mustKnowRoom, place, tell, cancellationToken);

    private static async Task<PostgreSqlScratch> CreateAsync(PostgreSqlServer live, PostgreSqlServer home, string kind, NpgsqlConnection? source, bool mustKnowRoom, PostgreSqlCopyPlace place, Action<string> tell, CancellationToken cancellationToken)
    {
        var connection = await home.OpenAsync("scratch", cancellationToken);
        var scratch = new PostgreSqlScratch(live, home, connection, kind + Guid.NewGuid().ToString("N")[..12], tell);
        try
        {
            // It holds the lock and waits through the whole of a restore.
            await connection.ExecuteAsync(cancellationToken, "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'");
            await DropLeftoversAsync(home, connection, cancellationToken);
            if (await PostgreSqlRoom.ForCopyAsync(source ?? connection, live, home, connection, mustKnowRoom, place, cancellationToken) is { } full)
            {
                throw source is null
                    ? new DeployOpsException("BackupScratchFailed", FaultKind.Failed, $"No copy can be made beside {live.Place}, to take its place: {full}.", "Make room on the server's disk, then restore again: nothing was changed.") { Target = live.Database }
                    : PostgreSqlProof.Unknown(live, $"no copy of it can be made on {home.Name}: {full}", null);
            }

            await LockAsync(connection, scratch.name, cancellationToken);
            var creation = await PostgreSqlDatabaseTraits.CreationAsync(source ?? connection, live.Database, scratch.name, takesPlace: source is null, cancellationToken);
            scratch.mayBeThere = true;
            await connection.ExecuteAsync(cancellationToken, creation);
            return scratch;
        }
        catch
        {
            await scratch.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restores a dump into it and stops at the first error.</summary>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c>; <c>BackupScratchFailed</c> where the server was the reason.</exception>
    internal async Task FillAsync(string file, CancellationToken cancellationToken)
    {
        await (await PourAsync(file, keeper.PostgreSqlVersion.Major, isElsewhere: false, cancellationToken)).AllAsync(cancellationToken);
        await FinishAsync(keeper, cancellationToken);
    }

    /// <summary>How a dump gets into it.</summary>
    /// <param name="file">The dump.</param>
    /// <param name="major">The version that the dump is of.</param>
    /// <param name="isElsewhere">Whether this is on another server than the dump is of.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c> where there is no dump; <c>BackupToolMissing</c>; <c>BackupToolTooOld</c>.</exception>
    internal async Task<PostgreSqlPour> PourAsync(string file, int major, bool isElsewhere, CancellationToken cancellationToken) => File.Exists(file)
        ? new PostgreSqlPour(await PostgreSqlTool.FindAsync("pg_restore", major, cancellationToken), Server, name, file, isElsewhere, isCopy: name.StartsWith(Verify, StringComparison.Ordinal))
        : throw PostgreSqlPour.Corrupt(file, "it does not exist");

    /// <summary>What a dump does not hold: statistics, and the settings that new sessions begin with.</summary>
    /// <param name="source">A connection to the server of the live database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task FinishAsync(NpgsqlConnection source, CancellationToken cancellationToken)
    {
        // Without statistics the server plans as if tables were empty.
        await using var connection = await Server.OpenAsync("scratch", cancellationToken);
        await connection.ExecuteAsync(cancellationToken, "ANALYZE");
        await keeper.ExecuteEachAsync(await PostgreSqlDatabaseTraits.SettingsAsync(source, live.Database, name, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Takes the live database's name, in one transaction with the live one giving it up; whoever is connected there is disconnected, and nobody can connect until it has happened
    /// or has failed. What the name had, owner, rights and settings, goes with the name. The replaced database is dropped.
    /// </summary>
    /// <param name="check">Looks once more at what is replaced, when nobody else is in it any more, and throws where it is not to be; null looks at nothing.</param>
    /// <param name="beforeReplacing">Asked right before the live database is closed, and before it is exchanged.</param>
    /// <param name="cancellationToken">Stops it as long as nothing has happened.</param>
    /// <exception cref="NpgsqlException">The server refused; both are as they were.</exception>
    /// <exception cref="DeployOpsException"><c>RestoreUnknown</c> where the connection was lost and the server cannot be asked what came of it; <c>DatabaseLeftClosed</c>; what the check throws.</exception>
    internal async Task TakePlaceAsync(Func<NpgsqlConnection, IReadOnlyList<string>, Task>? check, Action beforeReplacing, CancellationToken cancellationToken)
    {
        var replaced = await PostgreSqlDatabaseTraits.ExistsAsync(keeper, live.Database, cancellationToken) ? Replaced + name[Restore.Length..] : null;
        if (replaced is not null)
        {
            await LockAsync(keeper, replaced, cancellationToken);
            await keeper.ExecuteEachAsync(await PostgreSqlDatabaseTraits.TransferAsync(keeper, live.Database, name, cancellationToken), cancellationToken);
        }

        var exchange = new PostgreSqlExchange(live, name, replaced) { Check = check, BeforeReplacing = beforeReplacing };
        try
        {
            keeper = await exchange.RunAsync(keeper, cancellationToken);
            (gone, HasTakenPlace) = (true, true);
        }
        catch (DeployOpsException e) when (e.ErrorId is "RestoreUnknown" or "DatabaseLeftClosed")
        {
            // Whether it is there tells a person what happened, and its mark tells the next run what is to be opened.
            gone = true;
            throw;
        }
        finally
        {
            // Lost with its reason; another one was connected to see what came of it.
            keeper = exchange.Connection ?? keeper;
        }

        await RestoredSubscriptionsAsync(replaced);
        if (replaced is not null)
        {
            await DropReplacedAsync(replaced);
        }
    }

    // What a dump makes of a subscription is there and does nothing; what its publisher sent since the dump went to the database that was replaced.
    private async Task RestoredSubscriptionsAsync(string? replaced)
    {
        try
        {
            await ReconnectAsync();
            var subscriptions = new PostgreSqlSubscriptions(keeper, home);
            var restored = await subscriptions.NamesAsync(live.Database);
            var lost = replaced is null ? [] : (await subscriptions.NamesAsync(replaced)).Except(restored, StringComparer.Ordinal).ToList();
            if (restored.Count > 0)
            {
                tell($"{live.Place} subscribes to other servers ({string.Join(", ", restored)}), restored disabled: what they sent since the backup is not in it, and they do not send it again. {Anew}");
            }

            if (lost.Count > 0)
            {
                tell($"{live.Place} subscribed to other servers ({string.Join(", ", lost)}), which the backup does not hold: pg_dump leaves that out for accounts that are no superuser. {Anew}");
            }
        }
        catch (Exception e) when (e is NpgsqlException or DeployOpsException { ErrorId: "DatabaseUnreachable" })
        {
            tell($"{live.Place} was restored; whether it subscribes to other servers could not be asked: {Words(e)}. See pg_subscription.");
        }
    }

    /// <summary>Drops it. Where that cannot be done, it is told: what it was made for has come to its end all the same.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (mayBeThere && !gone && await DropAsync() is { } why)
            {
                tell($"The copy {name} on {home.Name} could not be dropped and takes room there: {why}. The next backup that is proven or restored there tries again; by hand, connected to another database: DROP DATABASE {PostgreSqlNames.Quote(name)} WITH (FORCE)");
            }
        }
        finally
        {
            await keeper.DisposeAsync();
        }
    }

    private async Task<string?> DropAsync()
    {
        try
        {
            await ReconnectAsync();
            await DropAsync(home, keeper, name);
            return null;
        }
        catch (Exception e) when (e is NpgsqlException or DeployOpsException { ErrorId: "DatabaseUnreachable" })
        {
            return Words(e);
        }
    }

    // By another connection where this one was lost, as by a server that was started anew.
    private async Task ReconnectAsync()
    {
        if (keeper.State != System.Data.ConnectionState.Open)
        {
            await keeper.DisposeAsync();
            keeper = await home.OpenAsync("scratch", CancellationToken.None);
        }
    }

    private static string Words(Exception fault) => fault is NpgsqlException npgsql ? PostgreSqlErrors.Words(npgsql) : fault.Message.TrimEnd('.');

    // The restored database serves, which is what was asked for.
    private async Task DropReplacedAsync(string replaced)
    {
        try
        {
            await ReconnectAsync();
            await DropAsync(home, keeper, replaced);
        }
        catch (Exception e) when (e is NpgsqlException or DeployOpsException { ErrorId: "DatabaseUnreachable" })
        {
            tell($"{live.Place} was replaced, but the database {replaced}, which holds what it was, could not be dropped: {Words(e)}.{await KeptBySlotsAsync(replaced)} The next backup that is proven or restored there tries again; by hand: DROP DATABASE {PostgreSqlNames.Quote(replaced)} WITH (FORCE)");
        }
    }

    private async Task<string> KeptBySlotsAsync(string replaced)
    {
        try
        {
            var slots = await keeper.QueryAsync("SELECT slot_name::text FROM pg_replication_slots WHERE database = $1 ORDER BY 1", [replaced], row => row.GetString(0), CancellationToken.None);
            return slots.Count == 0 ? "" : $" The server keeps its log for the replication slot{(slots.Count == 1 ? "" : "s")} {string.Join(", ", slots)} in it until {(slots.Count == 1 ? "it is" : "they are")} dropped.";
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            return " Whether the server keeps its log for replication slots in it could not be asked.";
        }
    }

    // What another account left, or another run drops at this moment, is no reason against this one.
    private static async Task DropLeftoversAsync(PostgreSqlServer home, NpgsqlConnection keeper, CancellationToken cancellationToken)
    {
        var left = await keeper.QueryAsync(
            """
            SELECT datname::text FROM pg_database d
            WHERE datname ~ '^deployops_(verify|restore|replaced)_[0-9a-f]{12}$' AND pg_has_role(datdba, 'USAGE') AND NOT EXISTS (
                SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objsubid = 1
                AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('deployops:' || d.datname, 0))
            """,
            [],
            row => row.GetString(0),
            cancellationToken);
        foreach (var database in left)
        {
            try
            {
                await PostgreSqlExchange.OpenWhatWasClosedAsync(keeper, database, cancellationToken);
                await DropAsync(home, keeper, database);
            }
            catch (DeployOpsException e) when (e.ErrorId == "DatabaseUnreachable")
            {
                // It cannot be connected to, to take its subscriptions away.
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ObjectInUse or PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InternalError)
            {
                // It stays, and takes room: the next run tries again.
            }
        }
    }

    private static Task LockAsync(NpgsqlConnection keeper, string database, CancellationToken cancellationToken) =>
        keeper.ExecuteAsync("SELECT pg_advisory_lock_shared(hashtextextended('deployops:' || $1, 0))", [database], cancellationToken);

    // Also after a cancellation: what was made is removed.
    private static async Task DropAsync(PostgreSqlServer home, NpgsqlConnection keeper, string database)
    {
        await new PostgreSqlSubscriptions(keeper, home).RemoveAsync(database);
        await keeper.ExecuteAsync(CancellationToken.None, $"DROP DATABASE IF EXISTS {PostgreSqlNames.Quote(database)} WITH (FORCE)");
    }
}
