using DeployOps.Adapters.Watching;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Says where the disk of a server has no room for a copy, before it is full of it.</summary>
internal static class MariaDbRoom
{
    /// <summary>A copy takes as much as the database, and what is made of it, the log and the rewrites of a rehearsal, once more.</summary>
    private const int CopiesOnDisk = 2;

    /// <summary>What is against a copy of a database, in words; null where nothing is. The disks of InnoDB's undo logs and of the binary log count too, where they are others and can be asked.</summary>
    /// <param name="source">A connection to the server of the database.</param>
    /// <param name="database">The database.</param>
    /// <param name="home">The server that is to hold the copy.</param>
    /// <param name="connection">A connection to it.</param>
    /// <param name="mustKnow">Whether a disk that cannot be looked at is against it, too.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<string?> ForCopyAsync(MySqlConnection source, string database, MariaDbServer home, MySqlConnection connection, bool mustKnow, CancellationToken cancellationToken)
    {
        var host = new MariaDbHost(home);
        if (await host.DiskAsync(connection) is null)
        {
            return mustKnow ? "what is free on the server's disk is not known, since the server is not on this machine" : null;
        }

        var size = await source.NumberAsync("SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0", [database], cancellationToken);
        var needs = new DiskNeeds();
        var places = await MariaDbPlaces.ReadAsync(connection, host.Folder!, cancellationToken);
        needs.Add(places.Tables, "the server's disk", CopiesOnDisk * size);
        // What is logged is part of what is reckoned with on the disk of the tables.
        foreach (var (of, folder) in places.Others)
        {
            needs.AddElsewhere(folder, of, size);
        }

        return needs.Against();
    }
}
