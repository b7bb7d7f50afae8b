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
    private readonly bool isHere;
    private ProcessorLoad? load;
    private bool mayRead;
    private bool hasAsked;
    private readonly int pid;
    private string? folder;
    private string? asked;

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
    internal string? Unknown => !isHere ? "the server's disk: it is not on this machine" : hasAsked && folder is null ? "the server's disk: the account may not see where the data are"
        : hasAsked && asked is null ? $"the server's disk: {folder} cannot be seen from here" : null;

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

        return asked is null ? null : FolderDisk.Ask(asked);
    }

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
