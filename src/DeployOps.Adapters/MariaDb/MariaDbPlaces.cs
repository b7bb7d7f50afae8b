using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Where a server of this machine keeps what grows while a copy is made, beside the folder of its data.</summary>
/// <param name="Tables">The folder of its tables.</param>
/// <param name="Others">The folders of undo logs and of the binary log, with whose disk each is. The redo log has its whole size from the beginning.</param>
internal sealed record MariaDbPlaces(string Tables, IReadOnlyList<(string Of, string Folder)> Others)
{
    /// <summary>Reads them.</summary>
    /// <param name="connection">A connection to the server.</param>
    /// <param name="data">The folder of its data, at which relative paths start.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<MariaDbPlaces> ReadAsync(MySqlConnection connection, string data, CancellationToken cancellationToken)
    {
        // Where tables have no files of their own, they are in those of the system. A server without a binary log has no name of one.
        var rows = await connection.QueryAsync(
            """
            SELECT IF(@@innodb_file_per_table, '', COALESCE(@@innodb_data_home_dir, '')), COALESCE(@@innodb_undo_directory, ''), IF(@@log_bin, COALESCE(@@log_bin_basename, ''), '')
            """,
            [],
            row => (Tables: row.Text(0), Undo: row.Text(1), Log: row.Text(2)),
            cancellationToken);
        var found = rows[0];
        var others = new List<(string, string)> { ("the disk of the server's undo logs", Path.GetFullPath(found.Undo, data)) };
        if (found.Log.Length > 0)
        {
            others.Add(("the disk of the server's binary log", Path.GetDirectoryName(Path.GetFullPath(found.Log, data))!));
        }

        return new MariaDbPlaces(Path.GetFullPath(found.Tables, data), others);
    }
}
