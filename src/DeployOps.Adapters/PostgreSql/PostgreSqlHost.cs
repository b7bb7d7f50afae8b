using System.Globalization;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// The machine of the server, as far as it is this one: PostgreSQL tells by no SQL how busy its processors are or what is free on its disk. It is this one where the server is reached
/// by loopback and the process that serves the script is found here under its number.
/// </summary>
internal sealed class PostgreSqlHost
{
    private readonly bool isHere;
    private readonly ProcessorLoad? load;
    private bool hasAsked;
    private string? folder;

    /// <summary>Looks whether the server is here.</summary>
    /// <param name="server">The server.</param>
    /// <param name="pid">A process of it.</param>
    internal PostgreSqlHost(PostgreSqlServer server, int pid)
    {
        isHere = server.IsLoopback && NameOf(pid) == "postgres";
        load = isHere ? new ProcessorLoad() : null;
    }

    /// <summary>What is not known of it, in words; null where everything is.</summary>
    internal string? Unknown => !isHere ? "processors and disk of the server: it is not on this machine" : hasAsked && folder is null ? "the server's disk: the account may not see where the data are" : null;

    /// <summary>How busy its processors were since this was asked last, 0 to 1; null where it is not known.</summary>
    internal double? Cpu() => load?.Next();

    /// <summary>What is free on the disk of its data; null where it is not known.</summary>
    internal async Task<FreeSpace?> DiskAsync(NpgsqlConnection connection)
    {
        if (!isHere)
        {
            return null;
        }

        if (!hasAsked)
        {
            // A view that has no row for who may not see it.
            folder = await connection.ScalarAsync<string>("SELECT setting FROM pg_settings WHERE name = 'data_directory'", [], CancellationToken.None);
            hasAsked = true;
        }

        if (folder is null)
        {
            return null;
        }

        var disk = new DriveInfo(folder);
        return disk.IsReady ? new FreeSpace(disk.AvailableFreeSpace, disk.TotalSize) : null;
    }

    private static string? NameOf(int pid)
    {
        var file = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/comm");
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}
