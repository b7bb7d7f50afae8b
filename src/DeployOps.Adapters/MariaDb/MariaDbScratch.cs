using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// A database beside the live one, or on another server, filled from a dump and dropped in the end. It is marked by its comment, and while it is in use, a lock named after it is held:
/// one that is marked and without its lock was left by a run that ended before it could tidy up, and the next run drops it. What only has such a name is somebody's own.
/// </summary>
internal sealed class MariaDbScratch : IAsyncDisposable
{
    /// <summary>What one begins with that only proves a backup.</summary>
    internal const string Verify = "deployops_verify_";

    /// <summary>What one begins with that is to take the live database's place.</summary>
    internal const string Restore = "deployops_restore_";

    /// <summary>What one begins with that takes the tables which are replaced. One that still has them is never dropped as left over: it may be all that there is of them.</summary>
    internal const string Replaced = "deployops_replaced_";

    /// <summary>What the comment of a database begins with that this program made for itself.</summary>
    internal const string Comment = "Made by DeployOps:";

    private const int DigitsOfNumber = 12;

    // They say something of the server and nothing of the backup: no room, no right, no connection, no such engine or collation.
    private static readonly string[] OfBinaryLog = ["1418", "1419"];
    private static readonly string[] Innocent = ["1021", "1114", "1044", "1142", "1227", "1040", "1053", "2002", "2006", "2013", "1205", "1115", "1273", "1286", .. OfBinaryLog];
    private readonly MariaDbServer live;
    private readonly MariaDbServer home;

    // Null where a copy that stays is a failure.
    private readonly Action<string>? warn;

    private MariaDbScratch(MariaDbServer live, MariaDbServer home, MySqlConnection keeper, string name, Action<string>? warn) => (this.live, this.home, Keeper, Name, this.warn) = (live, home, keeper, name, warn);

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>What its name ends with, and the names of what belongs to it: 12 hexadecimal digits.</summary>
    internal string Number => Name[^DigitsOfNumber..];

    /// <summary>The connection that holds its lock.</summary>
    internal MySqlConnection Keeper { get; }

    /// <summary>The events that are enabled in the dump, and disabled here.</summary>
    internal IReadOnlySet<string> Events { get; private set; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>The database.</summary>
    internal MariaDbServer Server => home.At(Name);

    /// <summary>Drops what earlier runs left and makes one beside the live database, empty, of its character set, to take its place.</summary>
    /// <exception cref="MySqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>; <c>BackupScratchFailed</c> where there is no room.</exception>
    internal static Task<MariaDbScratch> BesideAsync(MariaDbServer live, CancellationToken cancellationToken) => CreateAsync(live, live, Restore, null, null, cancellationToken);

    /// <summary>The same to prove a backup, on any server.</summary>
    /// <param name="live">The live database.</param>
    /// <param name="home">A database of the server it is to be on.</param>
    /// <param name="source">A connection to the server of the live database.</param>
    /// <param name="warn">Is told where it cannot be dropped in the end.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MySqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>DatabaseUnreachable</c>; <c>BackupProofUnknown</c> where there is no room.</exception>
    internal static Task<MariaDbScratch> ForProofAsync(MariaDbServer live, MariaDbServer home, MySqlConnection source, Action<string> warn, CancellationToken cancellationToken) =>
        CreateAsync(live, home, Verify, source, warn, cancellationToken);

    private static async Task<MariaDbScratch> CreateAsync(MariaDbServer live, MariaDbServer home, string kind, MySqlConnection? source, Action<string>? warn, CancellationToken cancellationToken)
    {
        var connection = await home.OpenServerAsync(cancellationToken);
        var scratch = new MariaDbScratch(live, home, connection, kind + Guid.NewGuid().ToString("N")[..DigitsOfNumber], warn);
        try
        {
            // It holds the lock and waits through the whole of a restore and of what is tried on it.
            await connection.ExecuteAsync(cancellationToken, "SET SESSION lock_wait_timeout = 30, wait_timeout = 604800");
            await DropLeftoversAsync(connection, live.Database, cancellationToken);
            if (await MariaDbRoom.ForCopyAsync(source ?? connection, live.Database, home, connection, mustKnow: source is not null && home == live, cancellationToken) is { } full)
            {
                throw source is null
                    ? new DeployOpsException("BackupScratchFailed", FaultKind.Failed, $"No copy can be made beside {live.Place}, to take its place: {full}.", "Make room on the server's disk, then restore again: nothing was changed.") { Target = live.Database }
                    : MariaDbProof.Unknown(live, $"no copy of it can be made on {home.Name}: {full}", null);
            }

            await LockAsync(connection, scratch.Name, cancellationToken);
            await MakeAsync(connection, scratch.Name, await CharacterSetAsync(source ?? connection, live.Database, cancellationToken), $"of {live.Database}", cancellationToken);
            return scratch;
        }
        catch
        {
            await scratch.DisposeAsync();
            throw;
        }
    }

    /// <summary>Restores a dump into it and stops at the first error.</summary>
    /// <param name="file">The dump.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="gate">Returns once more may be written; true where that wants a look of its own. Null restores as fast as it goes.</param>
    /// <exception cref="DeployOpsException"><c>BackupCorrupt</c>; <c>BackupScratchFailed</c> where the server was the reason; what the gate throws.</exception>
    internal async Task FillAsync(string file, CancellationToken cancellationToken, Func<bool, Task>? gate = null)
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
        using var options = await MariaDbOptionFile.WriteAsync(home.Options(isEncrypted), cancellationToken);
        var refusal = await RestoreAsync(program, options, file, gate, cancellationToken);
        if (refusal is not null)
        {
            throw Array.Exists(Innocent, number => refusal.Contains($"ERROR {number} ", StringComparison.Ordinal))
                ? new DeployOpsException("BackupScratchFailed", FaultKind.Failed, $"The backup {file} could not be restored on {home.Name}: {refusal}.", Array.Exists(OfBinaryLog, number => refusal.Contains($"ERROR {number} ", StringComparison.Ordinal)) ? $"It says nothing against the backup, which is not proven: {MariaDbErrors.BinaryLogWay}." : "Check the account's rights, the server and its disk, then take another backup: this one is not proven.") { Target = file }
                : Corrupt(file, refusal);
        }
    }

    /// <summary>The name of the lock that tells that a scratch database is in use; not that of its runner, who has one of his own.</summary>
    internal static string NameOfUse(string database) => $"deployops_use:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(database)))[..40]}";

    /// <summary>Takes a lock that tells others that a database of this name is in use.</summary>
    internal static Task LockAsync(MySqlConnection keeper, string database, CancellationToken cancellationToken) =>
        keeper.NumberAsync("SELECT GET_LOCK(@p0, 0)", [NameOfUse(database)], cancellationToken);

    /// <summary>Makes a database that is marked as one of this program's own.</summary>
    /// <param name="keeper">A connection.</param>
    /// <param name="database">Its name.</param>
    /// <param name="characterSet">Its character set, as <see cref="CharacterSetAsync"/> says it.</param>
    /// <param name="what">What it is, for whoever finds it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static Task MakeAsync(MySqlConnection keeper, string database, string characterSet, string what, CancellationToken cancellationToken) =>
        keeper.ExecuteAsync(cancellationToken, $"CREATE DATABASE {MariaDbNames.Quote(database)}{characterSet} COMMENT {MariaDbNames.Text($"{Comment} {what}")}");

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
            if (warn is not null || Keeper.State == System.Data.ConnectionState.Open)
            {
                await DropAsync(Keeper, Name);
            }
        }
        catch (Exception e) when (warn is not null && e is MySqlException or InvalidOperationException)
        {
            // It says nothing against what was proven on it.
            warn!($"the copy {Name} on {home.Name} could not be dropped: {MariaDbErrors.Words(e)}. DROP DATABASE {Name}; the next proof drops it, too.");
        }
        finally
        {
            await Keeper.DisposeAsync();
        }
    }

    private async Task<string?> RestoreAsync(MariaDbProgram program, MariaDbOptionFile options, string file, Func<bool, Task>? gate, CancellationToken cancellationToken)
    {
        try
        {
            // Without --comments the client takes them out of the definitions of routines.
            return await program.RunAsync(
                async input => Events = await MariaDbDumpFile.CopyAsync(file, input, gate, cancellationToken),
                output => output.CopyToAsync(Stream.Null, CancellationToken.None),
                cancellationToken,
                options.Argument, "--batch", "--binary-mode", "--comments", "--default-character-set=utf8mb4", "--max-allowed-packet=1G", $"--database={Name}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Corrupt(file, e.Message.TrimEnd('.'));
        }
    }

    // What another account left, or another run drops at this moment, is no reason against this one.
    private static async Task DropLeftoversAsync(MySqlConnection keeper, string live, CancellationToken cancellationToken)
    {
        var left = await keeper.QueryAsync(
            """
            SELECT SCHEMA_NAME, SCHEMA_COMMENT FROM information_schema.SCHEMATA
            WHERE (SCHEMA_NAME REGEXP '^deployops_(verify|restore|account)_[0-9a-f]{12}$'
                OR (SCHEMA_NAME REGEXP '^deployops_replaced_[0-9a-f]{12}$' AND NOT EXISTS (SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = SCHEMA_NAME)))
            AND SCHEMA_NAME <> @p0 AND LEFT(SCHEMA_COMMENT, CHAR_LENGTH(@p1)) = @p1
            AND IS_FREE_LOCK(CONCAT('deployops_use:', LEFT(SHA2(REPLACE(SCHEMA_NAME, '_account_', '_verify_'), 256), 40))) = 1
            """,
            [live, Comment],
            row => (Name: row.Text(0), Comment: row.Text(1)),
            cancellationToken);
        foreach (var (name, comment) in left)
        {
            try
            {
                await (name.StartsWith(MariaDbRehearsalAccount.Mark, StringComparison.Ordinal) ? MariaDbRehearsalAccount.DropLeftoverAsync(keeper, name, comment) : DropAsync(keeper, name));
            }
            catch (MySqlException e) when (MariaDbErrors.IsForbidden(e) || MariaDbErrors.MayPass(e))
            {
                // It stays, and takes room: the next run tries again.
            }
        }
    }

    private static DeployOpsException Corrupt(string file, string why) => new(
        "BackupCorrupt", FaultKind.Failed, $"The backup {file} cannot be restored: {why}.", "Do not rely on it. Check the disk, then take another one.")
    { Target = file };
}
