using System.Security.Cryptography;

namespace DeployOps.Health.Logs;

/// <summary>
/// Reads what was added to log files since they were last looked at: through renaming, through copying and truncating, and files that come late. Nothing is held
/// open between two looks, so that no rotation is disturbed: a file that is not what it was is looked for beside it, by the bytes before the place that was reached.
/// </summary>
/// <param name="patterns">Full paths, with wildcards in them or without.</param>
internal sealed class LogReader(IReadOnlyList<string> patterns)
{
    /// <summary>A longer line is cut; the rest of it is passed over.</summary>
    internal const int LongestLine = 1024 * 1024;

    /// <summary>Of a file that is met for the first time no more than this is read, from its end.</summary>
    private const long MostBefore = 64L * 1024 * 1024;

    private readonly Dictionary<string, LogPosition> positions = new(StringComparer.Ordinal);

    // How long a file was whose last line has no end yet: what has not grown since is taken for whole.
    private readonly Dictionary<string, long> unfinished = new(StringComparer.Ordinal);

    private readonly List<string> gaps = [];

    /// <summary>How far each file was read.</summary>
    internal IReadOnlyList<LogPosition> Positions => [.. positions.Values.OrderBy(position => position.Path, StringComparer.Ordinal)];

    /// <summary>Goes on from where another reader was.</summary>
    internal void GoOnFrom(IEnumerable<LogPosition> known)
    {
        foreach (var position in known)
        {
            positions[position.Path] = position;
        }
    }

    /// <summary>The files the patterns mean now.</summary>
    internal IReadOnlyList<string> Files() => [.. patterns.SelectMany(LogPattern.Expand).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>The files that were replaced before they were read to their end, and are nowhere any more; forgotten once they were asked for.</summary>
    internal IReadOnlyList<string> TakeGaps()
    {
        IReadOnlyList<string> taken = [.. gaps];
        gaps.Clear();
        return taken;
    }

    /// <summary>The lines that were added since the last look, file by file. A rotated predecessor is read to its end first, and followed from then on.</summary>
    /// <exception cref="DeployOpsException"><c>LogUnreadable</c>, naming the file.</exception>
    internal IEnumerable<string> Read()
    {
        var files = Files();
        foreach (var (path, position) in positions.ToList())
        {
            if (!IsStill(path, position))
            {
                Follow(path, position, files);
            }
        }

        foreach (var path in files.Union(positions.Keys.Where(File.Exists)).ToList())
        {
            var offset = positions.TryGetValue(path, out var position) ? position.Offset : IsCopy(path) ? Length(path) : 0;
            foreach (var line in Lines(path, offset))
            {
                yield return line;
            }
        }
    }

    private void Follow(string path, LogPosition position, IReadOnlyList<string> files)
    {
        positions.Remove(path);
        if (Predecessor(path, position, files) is { } moved)
        {
            positions[moved] = position with { Path = moved };
        }
        else if (position.Offset > 0)
        {
            gaps.Add(path);
        }

        // What has its name now is read from its beginning.
        positions[path] = new LogPosition(path, 0, "");
    }

    // A file that holds what another was read to is that one's copy, and was read with it.
    private bool IsCopy(string path) => positions.Values.Any(position => position.Path != path && position.Offset > 0 && IsAt(path, position));

    private static bool IsStill(string path, LogPosition position) => File.Exists(path) && IsAt(path, position);

    private static string? Predecessor(string path, LogPosition position, IReadOnlyList<string> files)
    {
        var folder = Path.GetDirectoryName(path)!;
        var name = Path.GetFileNameWithoutExtension(path);
        var beside = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{name}*") : [];

        return position.Offset == 0 ? null : beside.Concat(files).Distinct(StringComparer.Ordinal).FirstOrDefault(other => other != path && IsAt(other, position));
    }

    private static bool IsAt(string path, LogPosition position) => Guarded(path, stream =>
        stream.Length >= position.Offset && (position.Offset == 0 || Mark(stream, position.Offset) == position.Mark));

    private static long Length(string path) => Guarded(path, stream => stream.Length);

    private static string Mark(FileStream stream, long offset)
    {
        var bytes = new byte[(int)Math.Min(LogPosition.MarkBytes, offset)];
        stream.Position = offset - bytes.Length;
        stream.ReadExactly(bytes);

        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    private List<string> Lines(string path, long offset) => Guarded(path, stream =>
    {
        var isMet = !positions.ContainsKey(path);
        var text = new LogText(stream, isMet && offset == 0 && stream.Length > MostBefore ? stream.Length - MostBefore : offset);
        var lines = text.Read(withLast: unfinished.GetValueOrDefault(path, -1) == stream.Length);
        positions[path] = new LogPosition(path, text.Offset, text.Offset == 0 ? "" : Mark(stream, text.Offset));
        unfinished[path] = stream.Length;

        return lines;
    });

    private static T Guarded<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("LogUnreadable", FaultKind.Failed, $"The log {path} cannot be read: {e.Message.TrimEnd('.')}.", "Let this account read it, or take it out of Monitoring.Logs.", e) { Target = path };
        }
    }
}
