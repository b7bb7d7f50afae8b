using System.Globalization;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// The machine of the server, as far as it is this one: PostgreSQL tells by no SQL what is free on its disk, and how busy its processors are only to accounts that may read its files. It is this one where the server is reached
/// by loopback and the process that serves the script is found here under its number.
/// </summary>
internal sealed class PostgreSqlHost
{
    // One that is within the data itself has a path that starts there.
    private const string Tablespaces =
        """
        SELECT DISTINCT t.spcname::text, pg_tablespace_location(t.oid) FROM pg_tablespace t
        WHERE pg_tablespace_location(t.oid) <> '' AND t.oid IN (SELECT reltablespace FROM pg_class UNION SELECT dattablespace FROM pg_database WHERE datname = current_database())
        """;

    private readonly bool isHere;
    private readonly int pid;
    private ProcessorLoad? load;
    private bool mayRead;
    private bool hasAsked;
    private string? folder;
    private string? asked;
    private IReadOnlyList<(string Of, string Folder)> others = [];
    private IReadOnlyList<string> hidden = [];

    /// <summary>Looks whether the server is here.</summary>
    /// <param name="server">The server.</param>
    /// <param name="pid">A process of it.</param>
    internal PostgreSqlHost(PostgreSqlServer server, int pid)
    {
        this.pid = pid;
        isHere = server.IsLoopback && NameOf(pid) == "postgres";
        load = isHere ? new ProcessorLoad() : null;
    }

    /// <summary>What is not known of its disk, in words; null where it is.</summary>
    internal string? Unknown => !isHere ? "the server's disk: it is not on this machine"
        : hasAsked && folder is null ? "the server's disk: the account may not see where the data are"
        : hasAsked && asked is null ? $"the server's disk: {folder} cannot be seen from here"
        : hidden.Count > 0 ? $"{string.Join(" and ", hidden)}: this account of the machine may not look there"
        : null;

    /// <summary>The folder of its data; null where it is not known, or was not asked for yet.</summary>
    internal string? Folder => folder;

    /// <summary>Why it is never known how busy its processors are; null where it is.</summary>
    internal string? ProcessorsUnknown { get; private set; }

    /// <summary>How busy its processors were since this was asked last, 0 to 1; null where it is not known. Where it is not this machine the server reads its own, for accounts that may have it do so.</summary>
    internal async Task<double?> CpuAsync(NpgsqlConnection connection)
    {
        if (isHere)
        {
            return load!.Next();
        }

        if (ProcessorsUnknown is not null || (!mayRead && !await MayReadAsync(connection)))
        {
            return null;
        }

        try
        {
            var line = await connection.ScalarAsync<string>("SELECT split_part(pg_catalog.pg_read_file('/proc/stat'), chr(10), 1)", [], CancellationToken.None);
            var busy = load?.Next(line!);
            load ??= new ProcessorLoad(line!);
            return busy;
        }
        catch (PostgresException e)
        {
            ProcessorsUnknown = $"the server cannot read its /proc/stat: {PostgreSqlErrors.Words(e)}";
            return null;
        }
    }

    /// <summary>What is free on the disk of its data; null where it is not known, as <see cref="Unknown"/> says then.</summary>
    internal async Task<FreeSpace?> DiskAsync(NpgsqlConnection connection)
    {
        if (!isHere)
        {
            return null;
        }

        if (!hasAsked)
        {
            // A view that has no row for who may not see it.
            folder = await connection.ScalarAsync<string>("SELECT setting FROM pg_settings WHERE name = 'data_directory'", [], CancellationToken.None) ?? PostgreSqlDataFolder.Of(pid);
            asked = folder is null ? null : FolderDisk.Find(folder);
            hasAsked = true;
        }

        return asked is null ? null : Room(asked, "the server's disk");
    }

    /// <summary>What is free on its disks, the least first: that of its data, and where they are others those of its log, which may be a link, and of the tablespaces that the database uses. Empty where it is not known.</summary>
    internal async Task<IReadOnlyList<FreeSpace>> DisksAsync(NpgsqlConnection connection)
    {
        var isFirst = !hasAsked;
        var disk = await DiskAsync(connection);
        if (folder is null)
        {
            return [];
        }

        if (isFirst)
        {
            var spaces = await connection.QueryAsync(Tablespaces, [], row => ($"the disk of tablespace {row.GetString(0)}", Path.Combine(folder, row.GetString(1))), CancellationToken.None);
            others = [("the disk of the server's log", Path.Combine(folder, "pg_wal")), .. spaces];
        }

        var found = new List<FreeSpace>();
        var unseen = new List<string>();
        if (disk is not null)
        {
            found.Add(disk);
        }

        foreach (var (of, place) in others)
        {
            if (Room(place, of) is not { } room)
            {
                unseen.Add(of);
            }
            else if (!found.Exists(known => IsSame(known, room)))
            {
                found.Add(room);
            }
        }

        hidden = unseen;
        return [.. found.OrderBy(room => room.Free)];
    }

    // Looked at one after the other while others write to it.
    private static bool IsSame(FreeSpace one, FreeSpace other) => one.Total == other.Total && Math.Abs(one.Free - other.Free) <= one.Total / 1000;

    // A link leads to its disk; what is above it may be on another.
    private static FreeSpace? Room(string folder, string of) => FolderDisk.Ask(folder) is { } room ? room with { Of = of } : null;

    // The role alone is not enough: the function belongs to superusers until somebody grants it.
    private async Task<bool> MayReadAsync(NpgsqlConnection connection)
    {
        mayRead = await connection.ScalarAsync<bool>(
            """
            SELECT r.rolsuper OR (pg_has_role('pg_read_server_files', 'USAGE') AND has_function_privilege('pg_catalog.pg_read_file(text)', 'EXECUTE'))
            FROM pg_roles r WHERE r.rolname = current_user
            """,
            [],
            CancellationToken.None);
        ProcessorsUnknown = mayRead ? null : "it is not on this machine, and the account may not read its /proc/stat: GRANT pg_read_server_files and EXECUTE ON FUNCTION pg_read_file(text), or give -CpuProbe";
        return mayRead;
    }

    private static string? NameOf(int pid)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/comm");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}
