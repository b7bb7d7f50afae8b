using System.Globalization;
using DeployOps.Adapters.Watching;
using DeployOps.Migrations.Watching;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>Says where a disk has no room for what is about to be written, before it is full of it.</summary>
internal static class PostgreSqlRoom
{
    // An archive is compressed and holds no indexes: it takes a third of most rows, less of texts and a seventh more of what is compressed already, such as pictures. Half is reckoned with, so
    // that nothing is refused that fits; what takes more is given up before the disk is full.
    private const string ArchiveSize =
        """
        SELECT coalesce(sum(pg_catalog.pg_relation_size(c.oid) * 0.5
            + CASE WHEN c.reltoastrelid <> 0 THEN pg_catalog.pg_relation_size(c.reltoastrelid) * 0.5 ELSE 0 END), 0)::bigint
        FROM pg_catalog.pg_class c
        WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND (c.oid >= 16384 OR c.oid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass)
        """;

    /// <summary>A copy takes as much as the database, and what is made of it, the log and the rewrites of a rehearsal, once more.</summary>
    private const int CopiesOnDisk = 2;

    private const double BytesPerMegabyte = 1024 * 1024;

    // Tables and indexes that have a tablespace of their own.
    private const string Spaces =
        """
        SELECT t.spcname::text, pg_catalog.pg_tablespace_location(t.oid), sum(pg_catalog.pg_relation_size(c.oid))::bigint
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace WHERE pg_catalog.pg_tablespace_location(t.oid) <> '' GROUP BY 1, 2
        """;

    // A copy is logged whole. Unless somebody is still to get the log, it is used again after checkpoints, which come at about max_wal_size.
    private const string KeptLog =
        """
        SELECT CASE WHEN current_setting('archive_mode') <> 'off' OR EXISTS (SELECT FROM pg_catalog.pg_replication_slots) THEN $1::bigint
            ELSE least($1::bigint, pg_catalog.pg_size_bytes(current_setting('max_wal_size')) + coalesce(pg_catalog.pg_size_bytes(current_setting('wal_keep_size', true)), 0)) END
        """;

    /// <summary>What is against an archive of the database in this folder, in words; null where nothing is.</summary>
    internal static async Task<string?> ForArchiveAsync(NpgsqlConnection connection, string folder, CancellationToken cancellationToken)
    {
        var size = await connection.ScalarAsync<long>(ArchiveSize, [], cancellationToken);
        return DiskNeeds.Against(FolderDisk.Ask(folder), size, "its disk");
    }

    /// <summary>What is against a copy of a database, in words; null where nothing is. The disks of its tablespaces and of the server's log count too, where they are others and can be asked.</summary>
    /// <param name="source">A connection to the server of the database.</param>
    /// <param name="live">The database.</param>
    /// <param name="server">The server that is to hold the copy.</param>
    /// <param name="connection">A connection to it.</param>
    /// <param name="mustBeKnown">Whether that the server's disk is not known is against it, too: where others need it, and nobody has said that there is room.</param>
    /// <param name="place">Where the copy is to be.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<string?> ForCopyAsync(NpgsqlConnection source, PostgreSqlServer live, PostgreSqlServer server, NpgsqlConnection connection, bool mustBeKnown, PostgreSqlCopyPlace place, CancellationToken cancellationToken)
    {
        var size = await source.ScalarAsync<long>("SELECT coalesce((SELECT pg_catalog.pg_database_size(oid) FROM pg_catalog.pg_database WHERE datname = $1), 0)", [live.Database], cancellationToken);
        var host = new PostgreSqlHost(server, connection.ProcessID);
        if (await host.DiskAsync(connection) is null)
        {
            return mustBeKnown ? string.Create(CultureInfo.InvariantCulture, $"whether {CopiesOnDisk * size / BytesPerMegabyte:0.#} MiB are free there, twice its size, is not known: {host.Unknown}") : null;
        }

        var spaces = place == PostgreSqlCopyPlace.Elsewhere ? [] : await SpacesAsync(live, cancellationToken);
        var own = place == PostgreSqlCopyPlace.TakesPlace ? await connection.ScalarAsync<string>("SELECT pg_catalog.pg_tablespace_location(dattablespace) FROM pg_catalog.pg_database WHERE datname = $1", [live.Database], cancellationToken) : null;
        var needs = new DiskNeeds();
        needs.Add(Path.IsPathFullyQualified(own ?? "") ? own! : host.Folder!, "the server's disk", CopiesOnDisk * (size - spaces.Sum(space => space.Bytes)));
        foreach (var (name, folder, bytes) in spaces)
        {
            needs.Add(Path.Combine(host.Folder!, folder), $"the disk of tablespace {name}", CopiesOnDisk * bytes);
        }

        // What it logs is part of what is reckoned with on the disk of its data.
        needs.AddElsewhere(Path.Combine(host.Folder!, "pg_wal"), "the disk of the server's log", await connection.ScalarAsync<long>(KeptLog, [size], cancellationToken));
        return needs.Against();
    }

    // Of a database that cannot be connected to, as one that was dropped, nothing is known.
    private static async Task<IReadOnlyList<(string Name, string Folder, long Bytes)>> SpacesAsync(PostgreSqlServer live, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await live.OpenAsync("scratch", cancellationToken);
            return await connection.QueryAsync(Spaces, [], row => (row.GetString(0), row.GetString(1), row.GetInt64(2)), cancellationToken);
        }
        catch (DeployOpsException e) when (e.ErrorId == "DatabaseUnreachable")
        {
            return [];
        }
    }
}
