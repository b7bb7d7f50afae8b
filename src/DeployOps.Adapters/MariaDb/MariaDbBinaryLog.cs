using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The binary log of a server as one row of bytes: its files, one behind the other, from the oldest that was there at the first look.</summary>
internal sealed class MariaDbBinaryLog
{
    private readonly Dictionary<string, long> starts = new(StringComparer.Ordinal);
    private (string File, long Size) newest = ("", 0);

    /// <summary>How many bytes are written.</summary>
    internal long Written => starts.GetValueOrDefault(newest.File) + newest.Size;

    /// <summary>Looks at the files that are there. Those that are purged keep their place.</summary>
    internal async Task ReadAsync(MySqlConnection connection)
    {
        var files = await connection.QueryAsync("SHOW BINARY LOGS", [], row => (File: row.Text(0), Size: (long)row.Number(1)), CancellationToken.None);
        var at = 0L;
        foreach (var (file, size) in files)
        {
            starts.TryAdd(file, at);
            at = starts[file] + size;
            newest = (file, size);
        }
    }

    /// <summary>A place in it; null where that file was never seen.</summary>
    internal long? At(string file, long position) => starts.TryGetValue(file, out var start) ? start + position : null;
}
