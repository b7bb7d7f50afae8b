using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// The machine of the server, as far as it is this one: MariaDB tells by no SQL how busy its processors are or what is free on its disk. It is this one where the server is
/// reached by loopback and names itself as this machine does.
/// </summary>
/// <param name="server">The server.</param>
internal sealed class MariaDbHost(MariaDbServer server)
{
    private ProcessorLoad? load;
    private bool hasAsked;
    private string? folder;

    /// <summary>The folder of its data; null where it is not known, or was not asked for yet.</summary>
    internal string? Folder => folder;

    /// <summary>What is not known of it, in words; null where everything is.</summary>
    internal string? Unknown => hasAsked && folder is null ? "processors and disk of the server: it is not on this machine" : null;

    /// <summary>How busy its processors were since this was asked last, 0 to 1; null where it is not known.</summary>
    internal double? Cpu() => load?.Next();

    /// <summary>What is free on the disk of its data; null where it is not known.</summary>
    internal async Task<FreeSpace?> DiskAsync(MySqlConnection connection)
    {
        if (!hasAsked)
        {
            hasAsked = true;
            await FindAsync(connection);
        }

        if (folder is null)
        {
            return null;
        }

        var disk = new DriveInfo(folder);
        return disk.IsReady ? new FreeSpace(disk.AvailableFreeSpace, disk.TotalSize) : null;
    }

    private async Task FindAsync(MySqlConnection connection)
    {
        if (!server.IsLoopback || !File.Exists("/proc/stat"))
        {
            return;
        }

        var found = await connection.QueryAsync("SELECT @@hostname, @@datadir", [], row => (Name: row.Text(0), Folder: row.Text(1)), CancellationToken.None);
        if (found[0].Name.Split('.', 2)[0].Equals(Environment.MachineName.Split('.', 2)[0], StringComparison.OrdinalIgnoreCase) && Directory.Exists(found[0].Folder))
        {
            folder = found[0].Folder;
            load = new ProcessorLoad();
        }
    }
}
