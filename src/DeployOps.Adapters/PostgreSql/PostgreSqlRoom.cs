using System.Globalization;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Says where a disk has no room for what is about to be written, before it is full of it.</summary>
internal static class PostgreSqlRoom
{
    /// <summary>An archive is compressed: it takes about a third of the rows, often less, and never indexes. What needs more than that meets a full disk.</summary>
    private const int RowsPerArchiveByte = 4;

    /// <summary>A copy takes as much as the database, and what is made of it, the log and the rewrites of a rehearsal, once more.</summary>
    private const int CopiesOnDisk = 2;

    private const double BytesPerMegabyte = 1024 * 1024;

    /// <summary>What is against an archive of the database in this folder, in words; null where nothing is.</summary>
    internal static async Task<string?> ForArchiveAsync(NpgsqlConnection connection, string folder, CancellationToken cancellationToken)
    {
        var rows = await connection.ScalarAsync<long>(
            "SELECT coalesce(sum(pg_catalog.pg_table_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class c WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384", [], cancellationToken);
        var disk = new DriveInfo(folder);
        return Against(new FreeSpace(disk.AvailableFreeSpace, disk.TotalSize), rows / RowsPerArchiveByte, "its disk");
    }

    /// <summary>What is against a copy of a database, in words; null where nothing is.</summary>
    /// <param name="source">A connection to the server of the database.</param>
    /// <param name="database">The database.</param>
    /// <param name="server">The server that is to hold the copy.</param>
    /// <param name="connection">A connection to it.</param>
    /// <param name="mustBeKnown">Whether that the server's disk is not known is against it, too: where others need it, and nobody has said that there is room.</param>
    /// <param name="takesPlace">Whether it is made in the database's tablespace, to take its place, and not in the server's own.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<string?> ForCopyAsync(NpgsqlConnection source, string database, PostgreSqlServer server, NpgsqlConnection connection, bool mustBeKnown, bool takesPlace, CancellationToken cancellationToken)
    {
        var size = await source.ScalarAsync<long>("SELECT coalesce((SELECT pg_catalog.pg_database_size(oid) FROM pg_catalog.pg_database WHERE datname = $1), 0)", [database], cancellationToken);
        var host = new PostgreSqlHost(server, connection.ProcessID);
        var disk = await host.DiskAsync(connection);
        var elsewhere = takesPlace ? await connection.ScalarAsync<string>("SELECT pg_catalog.pg_tablespace_location(dattablespace) FROM pg_catalog.pg_database WHERE datname = $1", [database], cancellationToken) : null;
        disk = disk is not null && Path.IsPathFullyQualified(elsewhere ?? "") ? FolderDisk.Ask(elsewhere!) : disk;
        return disk is null && mustBeKnown
            ? string.Create(CultureInfo.InvariantCulture, $"whether {CopiesOnDisk * size / BytesPerMegabyte:0.#} MiB are free there, twice its size, is not known: {host.Unknown}")
            : Against(disk, CopiesOnDisk * size, "the server's disk");
    }

    /// <summary>What is against so many bytes on a disk, in words; null where nothing is, or where the disk is not known.</summary>
    internal static string? Against(FreeSpace? disk, long needed, string name) =>
        disk is null || disk.Free >= needed ? null : $"{disk} of {name} are free, and about {new FreeSpace(needed, disk.Total)} are needed";
}
