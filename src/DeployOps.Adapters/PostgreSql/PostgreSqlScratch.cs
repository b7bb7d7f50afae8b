using System.Globalization;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// A database beside the live one, filled from a dump and dropped in the end unless it has taken the live one's place. While it is in use, a lock named after it
/// is held; a database of such a name without its lock was left by a run that ended before it could tidy up, and the next run drops it.
/// </summary>
internal sealed class PostgreSqlScratch : IAsyncDisposable
{
    /// <summary>What one begins with that only proves a backup.</summary>
    internal const string Verify = "deployops_verify_";

    /// <summary>What one begins with that is to take the live database's place.</summary>
    internal const string Restore = "deployops_restore_";

    private const string Replaced = "deployops_replaced_";
    private readonly PostgreSqlServer live;
    private readonly string name;
    private NpgsqlConnection keeper;
    private bool gone;

    private PostgreSqlScratch(PostgreSqlServer live, NpgsqlConnection keeper, string name) => (this.live, this.keeper, this.name) = (live, keeper, name);

    /// <summary>The database.</summary>
    internal PostgreSqlServer Server => live.At(name);

    /// <summary>Drops what earlier runs left and makes one, empty, of the live database's encoding and collation.</summary>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>; <c>BackupScratchFailed</c> where a proof finds no room.</exception>
    internal static async Task<PostgreSqlScratch> CreateAsync(PostgreSqlServer live, string kind, CancellationToken cancellationToken)
    {
        var connection = await live.At("postgres").OpenAsync("scratch", cancellationToken);
        var scratch = new PostgreSqlScratch(live, connection, kind + Guid.NewGuid().ToString("N")[..12]);
        try
        {
            await DropLeftoversAsync(connection, cancellationToken);
            if (kind == Verify && await PostgreSqlRoom.ForCopyAsync(connection, live, live.Database, cancellationToken) is { } full)
            {
                throw new DeployOpsException("BackupScratchFailed", FaultKind.Failed, $"No copy of {live.Place} can be made beside it: {full}.", "Free space on the server: a backup that was not restored is not proven.") { Target = live.Database };
            }

            await LockAsync(connection, scratch.name, cancellationToken);
            await connection.ExecuteAsync(cancellationToken, await PostgreSqlDatabaseTraits.CreationAsync(connection, live.Database, scratch.name, cancellationToken));
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
        if (!File.Exists(file))
        {
            throw Corrupt(file, "it does not exist");
        }

        var tool = await PostgreSqlTool.FindAsync("pg_restore", keeper.PostgreSqlVersion.Major, cancellationToken);
        var refusal = await tool.RunAsync(Server.Environment(), null, cancellationToken, "--exit-on-error", "--no-password", $"--dbname={name}", file);
        if (refusal is not null)
        {
            throw SaysNothing(refusal)
                ? new DeployOpsException("BackupScratchFailed", FaultKind.Failed, $"The backup {file} could not be restored beside {live.Place}: {refusal}.", "Check the server and its disk, then take another backup: this one is not proven.") { Target = file }
                : Corrupt(file, refusal);
        }

        // A dump holds no statistics, and without them the server plans as if tables were empty.
        await using var connection = await Server.OpenAsync("scratch", cancellationToken);
        await connection.ExecuteAsync(cancellationToken, "ANALYZE");
        // What new sessions begin with, such as the search path, is in no dump either.
        await keeper.ExecuteEachAsync(await PostgreSqlDatabaseTraits.SettingsAsync(keeper, live.Database, name, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// Takes the live database's name, in one transaction with the live one giving it up; whoever is connected there is disconnected, and nobody can connect until it has happened
    /// or has failed. What the name had, owner, rights and settings, goes with the name. The replaced database is dropped.
    /// </summary>
    /// <exception cref="NpgsqlException">The server refused; both are as they were.</exception>
    /// <exception cref="DeployOpsException"><c>RestoreUnknown</c> where the connection was lost and the server cannot be asked what came of it; <c>DatabaseLeftClosed</c>.</exception>
    internal async Task TakePlaceAsync(CancellationToken cancellationToken)
    {
        var replaced = await PostgreSqlDatabaseTraits.ExistsAsync(keeper, live.Database, cancellationToken) ? Replaced + name[Restore.Length..] : null;
        if (replaced is not null)
        {
            await LockAsync(keeper, replaced, cancellationToken);
            await keeper.ExecuteEachAsync(await PostgreSqlDatabaseTraits.TransferAsync(keeper, live.Database, name, cancellationToken), cancellationToken);
        }

        var exchange = new PostgreSqlExchange(live, name, replaced);
        try
        {
            keeper = await exchange.RunAsync(keeper, cancellationToken);
            gone = true;
        }
        finally
        {
            // Lost with its reason; another one was connected to see what came of it.
            keeper = exchange.Connection ?? keeper;
        }

        if (replaced is not null)
        {
            await DropReplacedAsync(replaced);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!gone && keeper.State == System.Data.ConnectionState.Open)
            {
                await DropAsync(keeper, name);
            }
        }
        finally
        {
            await keeper.DisposeAsync();
        }
    }

    private async Task DropReplacedAsync(string replaced)
    {
        try
        {
            await DropAsync(keeper, replaced);
        }
        catch (NpgsqlException)
        {
            // The restored database serves, which is what was asked for; the replaced one is a leftover that the next run drops.
        }
    }

    // What another account left, or another run drops at this moment, is no reason against this one.
    private static async Task DropLeftoversAsync(NpgsqlConnection keeper, CancellationToken cancellationToken)
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
                await DropAsync(keeper, database);
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
    private static Task DropAsync(NpgsqlConnection keeper, string database) =>
        keeper.ExecuteAsync(CancellationToken.None, $"DROP DATABASE IF EXISTS {PostgreSqlNames.Quote(database)} WITH (FORCE)");

    private static bool SaysNothing(string refusal) =>
        refusal.Contains("No space left", StringComparison.Ordinal) || refusal.Contains("connection to server", StringComparison.Ordinal) || refusal.Contains("server closed the connection", StringComparison.Ordinal)
        || refusal.Contains("terminating connection", StringComparison.Ordinal) || refusal.Contains("permission denied", StringComparison.Ordinal);

    private static DeployOpsException Corrupt(string file, string why) => new(
        "BackupCorrupt", FaultKind.Failed, $"The backup {file} cannot be restored: {why}.", "Do not rely on it. Check the disk, then take another one.")
    { Target = file };
}
