using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A database beside the live one, filled from a dump and dropped in the end. While it is in use, a lock named after it is held; a database of such a name without its lock was
/// left by a run that ended before it could tidy up, and the next run drops it.
/// </summary>
internal sealed class MariaDbScratch : IAsyncDisposable
{
    /// <summary>What one begins with that only proves a backup.</summary>
    internal const string Verify = "deployops_verify_";

    /// <summary>What one begins with that is to take the live database's place.</summary>
    internal const string Restore = "deployops_restore_";

    /// <summary>What one begins with that takes the tables which are replaced. One that still has them is never dropped as left over: it may be all that there is of them.</summary>
    internal const string Replaced = "deployops_replaced_";

    // The copy, and the same again for the log and for what is written meanwhile.
    private const int RoomTimes = 2;

    // They say something of the server and nothing of the backup: no room, no right, no connection.
    private static readonly string[] Innocent = ["1021", "1114", "1044", "1142", "1227", "1040", "1053", "2002", "2006", "2013", "1205"];
    private readonly MariaDbServer live;

    private MariaDbScratch(MariaDbServer live, MySqlConnection keeper, string name) => (this.live, Keeper, Name) = (live, keeper, name);

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>The connection that holds its lock.</summary>
    internal MySqlConnection Keeper { get; }

    /// <summary>The events that are enabled in the dump, and disabled here.</summary>
    internal IReadOnlySet<string> Events { get; private set; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The database.</summary>
    internal MariaDbServer Server => live.At(Name);

    /// <summary>Drops what earlier runs left and makes one, empty, of the live database's character set.</summary>
    /// <exception cref="MySqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>; <c>BackupScratchFailed</c> where there is no room.</exception>
    internal static async Task<MariaDbScratch> CreateAsync(MariaDbServer live, string kind, string file, CancellationToken cancellationToken)
    {
        var connection = await live.OpenServerAsync(cancellationToken);
        var scratch = new MariaDbScratch(live, connection, kind + Guid.NewGuid().ToString("N")[..12]);
        try
        {
            // It holds the lock and waits through the whole of a restore and of what is tried on it.
            await connection.ExecuteAsync(cancellationToken, "SET SESSION lock_wait_timeout = 30, wait_timeout = 604800");
            await DropLeftoversAsync(connection, live.Database, cancellationToken);
            await RefuseFullDiskAsync(live, connection, file, cancellationToken);
            await LockAsync(connection, scratch.Name, cancellationToken);
            await connection.ExecuteAsync(cancellationToken, $"CREATE DATABASE {MariaDbNames.Quote(scratch.Name)}{await CharacterSetAsync(connection, live.Database, cancellationToken)}");
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

        if (!await MariaDbDumpFile.IsCompleteAsync(file, cancellationToken))
        {
            throw Corrupt(file, "its last line does not say that the dump was completed, so it was cut off");
        }

        var program = await MariaDbProgram.FindAsync("mariadb", Keeper.Version(), cancellationToken);
        var isEncrypted = await Keeper.QueryAsync("SHOW SESSION STATUS LIKE 'Ssl_cipher'", [], row => row.Text(1), cancellationToken) is [{ Length: > 0 }];
        using var options = await MariaDbOptionFile.WriteAsync(live.Options(isEncrypted), cancellationToken);
        var refusal = await RestoreAsync(program, options, file, cancellationToken);
        if (refusal is not null)
        {
            throw Array.Exists(Innocent, number => refusal.Contains($"ERROR {number} ", StringComparison.Ordinal))
                ? new DeployOpsException("BackupScratchFailed", FaultKind.Failed, $"The backup {file} could not be restored beside {live.Place}: {refusal}.", "Check the account's rights, the server and its disk, then take another backup: this one is not proven.") { Target = file }
                : Corrupt(file, refusal);
        }
    }

    /// <summary>The name of the lock that tells that a scratch database is in use; not that of its runner, who has one of his own.</summary>
    internal static string NameOfUse(string database) => $"deployops_use:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(database)))[..40]}";

    /// <summary>Takes a lock that tells others that a database of this name is in use.</summary>
    internal static Task LockAsync(MySqlConnection keeper, string database, CancellationToken cancellationToken) =>
        keeper.NumberAsync("SELECT GET_LOCK(@p0, 0)", [NameOfUse(database)], cancellationToken);

    /// <summary>Drops a database, also after a cancellation: what was made is removed.</summary>
    internal static Task DropAsync(MySqlConnection keeper, string database) =>
        keeper.ExecuteAsync(CancellationToken.None, $"DROP DATABASE IF EXISTS {MariaDbNames.Quote(database)}");

    /// <summary>How a database is made of another's character set; empty where there is none of that name.</summary>
    internal static async Task<string> CharacterSetAsync(MySqlConnection keeper, string database, CancellationToken cancellationToken) =>
        await keeper.TextAsync(
            "SELECT CONCAT(' CHARACTER SET ', DEFAULT_CHARACTER_SET_NAME, ' COLLATE ', DEFAULT_COLLATION_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = @p0", [database], cancellationToken) ?? "";

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (Keeper.State == System.Data.ConnectionState.Open)
            {
                await DropAsync(Keeper, Name);
            }
        }
        finally
        {
            await Keeper.DisposeAsync();
        }
    }

    private async Task<string?> RestoreAsync(MariaDbProgram program, MariaDbOptionFile options, string file, CancellationToken cancellationToken)
    {
        try
        {
            // Without --comments the client takes them out of the definitions of routines.
            return await program.RunAsync(
                async input => Events = await MariaDbDumpFile.CopyAsync(file, input, cancellationToken),
                output => output.CopyToAsync(Stream.Null, CancellationToken.None),
                cancellationToken,
                options.Argument, "--batch", "--binary-mode", "--comments", "--default-character-set=utf8mb4", "--max-allowed-packet=1G", $"--database={Name}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Corrupt(file, e.Message.TrimEnd('.'));
        }
    }

    private static async Task RefuseFullDiskAsync(MariaDbServer live, MySqlConnection keeper, string file, CancellationToken cancellationToken)
    {
        if (await new MariaDbHost(live).DiskAsync(keeper) is not { } disk)
        {
            return;
        }

        var size = await keeper.NumberAsync("SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0", [live.Database], cancellationToken);
        if (disk.Free < RoomTimes * size)
        {
            var needed = new FreeSpace(RoomTimes * size, disk.Total);
            throw new DeployOpsException(
                "BackupScratchFailed",
                FaultKind.Failed,
                $"The backup {file} cannot be restored beside {live.Place}: {disk} of the server's disk are free, and {needed} are needed, twice the size of the database.",
                "Free space on the server's disk: this backup is not proven.")
            { Target = file };
        }
    }

    private static async Task DropLeftoversAsync(MySqlConnection keeper, string live, CancellationToken cancellationToken)
    {
        var left = await keeper.QueryAsync(
            """
            SELECT SCHEMA_NAME FROM information_schema.SCHEMATA
            WHERE (SCHEMA_NAME REGEXP '^deployops_(verify|restore)_[0-9a-f]{12}$'
                OR (SCHEMA_NAME REGEXP '^deployops_replaced_[0-9a-f]{12}$' AND NOT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = SCHEMA_NAME)))
            AND SCHEMA_NAME <> @p0 AND IS_FREE_LOCK(CONCAT('deployops_use:', LEFT(SHA2(SCHEMA_NAME, 256), 40))) = 1
            """,
            [live],
            row => row.Text(0),
            cancellationToken);
        foreach (var database in left)
        {
            await DropAsync(keeper, database);
        }
    }

    private static DeployOpsException Corrupt(string file, string why) => new(
        "BackupCorrupt", FaultKind.Failed, $"The backup {file} cannot be restored: {why}.", "Do not rely on it. Check the disk, then take another one.")
    { Target = file };
}
