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

    /// <summary>Of a longer file only its end is read at the first look.</summary>
    private const long MostAtFirst = 64L * 1024 * 1024;

    /// <summary>So many bytes of lines are held at a time.</summary>
    private const long MostAtOnce = 8L * 1024 * 1024;

    private readonly Dictionary<string, LogPosition> positions = new(StringComparer.Ordinal);

    // How long a file was whose last line has no end yet: what has not grown since is taken for whole.
    private readonly Dictionary<string, long> unfinished = new(StringComparer.Ordinal);

    // Renamed since the last look: nobody begins to write to it any more.
    private readonly HashSet<string> renamed = new(StringComparer.Ordinal);

    private readonly List<string> gaps = [];
    private readonly List<DeployOpsException> unreadable = [];

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

    /// <summary>The files the patterns mean now; a folder that cannot be looked into is told as what cannot be read.</summary>
    internal IReadOnlyList<string> Files() => [.. patterns.SelectMany(Expand).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private IReadOnlyList<string> Expand(string pattern)
    {
        try
        {
            return LogPattern.Expand(pattern);
        }
        catch (DeployOpsException e)
        {
            unreadable.Add(e);
            return [];
        }
    }

    /// <summary>The files that were replaced before they were read to their end, and are nowhere any more; forgotten once they were asked for.</summary>
    internal IReadOnlyList<string> TakeGaps()
    {
        IReadOnlyList<string> taken = [.. gaps];
        gaps.Clear();
        return taken;
    }

    /// <summary>What could not be read at the last look.</summary>
    internal IReadOnlyList<DeployOpsException> Unreadable => unreadable;

    /// <summary>The lines that are there when it is looked for the first time; of a very long file, those at its end.</summary>
    internal IEnumerable<string> ReadFirst() => Read(isFirst: true);

    /// <summary>
    /// The lines that were added since the last look, file by file. What a rotated file held is read to its end, and it is followed from then on. A file that cannot be read is
    /// passed over, and told by <see cref="Unreadable"/>.
    /// </summary>
    internal IEnumerable<string> Read() => Read(isFirst: false);

    private IEnumerable<string> Read(bool isFirst)
    {
        unreadable.Clear();
        Follow();
        foreach (var path in Files().Union(positions.Keys.Where(File.Exists)).ToList())
        {
            // A file that holds what another was read to is that one's copy, and was read with it to there.
            var offset = positions.TryGetValue(path, out var position) ? position.Offset : positions.Values.FirstOrDefault(other => other.Offset > 0 && IsAt(path, other))?.Offset ?? 0;
            foreach (var line in LinesOf(path, offset, isFirst))
            {
                yield return line;
            }
        }
    }

    private IEnumerable<string> LinesOf(string path, long offset, bool isFirst)
    {
        // What is written while it is read is left for the next look.
        var (begin, end) = (offset, Length(path));
        var before = unfinished.GetValueOrDefault(path, -1);
        var from = isFirst && end > MostAtFirst ? end - MostAtFirst : begin;
        while (Lines(path, from, before) is { } lines)
        {
            foreach (var line in lines)
            {
                yield return line;
            }

            var reached = positions[path];
            if (reached.Offset >= end || reached.Offset <= from)
            {
                positions[path] = reached with { IsFinished = reached.Offset == unfinished[path] && (renamed.Contains(path) || reached.Offset == begin) };
                yield break;
            }

            from = reached.Offset;
        }
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    // All moves are found before any is followed: in a chain of rotations each takes the name of the next.
    private void Follow()
    {
        var moves = positions.Values.Where(position => !IsStill(position)).Select(position => (Left: position, To: Predecessor(position))).ToList();
        renamed.Clear();
        renamed.UnionWith(moves.Select(move => move.To).OfType<string>());
        foreach (var (left, _) in moves)
        {
            positions.Remove(left.Path);
        }

        foreach (var (left, to) in moves)
        {
            if (to is not null)
            {
                positions[to] = left with { Path = to };
            }
            else if (left.Offset > 0 && !IsPutAway(left))
            {
                gaps.Add(left.Path);
            }
        }

        foreach (var (left, _) in moves)
        {
            // What has its name now is read from its beginning.
            positions.TryAdd(left.Path, new LogPosition(left.Path, 0, ""));
        }
    }

    // Deleted or compressed, or pushed out by the next of a chain of rotations; what is written anew under its own name was not put away but emptied.
    private bool IsPutAway(LogPosition left) => left.IsFinished && (!File.Exists(left.Path) || renamed.Contains(left.Path));

    private static bool IsStill(LogPosition position) => File.Exists(position.Path) && IsAt(position.Path, position);

    private static string? Predecessor(LogPosition position)
    {
        var folder = Path.GetDirectoryName(position.Path)!;
        var beside = position.Offset > 0 && Directory.Exists(folder) ? Directory.EnumerateFiles(folder, $"{Path.GetFileNameWithoutExtension(position.Path)}*") : [];

        return beside.FirstOrDefault(other => other != position.Path && IsAt(other, position));
    }

    // One that cannot be read is not it.
    private static bool IsAt(string path, LogPosition position)
    {
        try
        {
            using var stream = Open(path);
            return stream.Length >= position.Offset && (position.Offset == 0 || Mark(stream, position.Offset) == position.Mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Mark(FileStream stream, long offset)
    {
        var bytes = new byte[(int)Math.Min(LogPosition.MarkBytes, offset)];
        stream.Position = offset - bytes.Length;
        stream.ReadExactly(bytes);

        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }

    // Null where it could not be read.
    private List<string>? Lines(string path, long offset, long before)
    {
        try
        {
            using var stream = Open(path);
            var text = new LogText(stream, offset);
            var lines = text.Read(withLast: before == stream.Length, MostAtOnce);
            positions[path] = new LogPosition(path, text.Offset, text.Offset == 0 ? "" : Mark(stream, text.Offset));
            unfinished[path] = stream.Length;

            return lines;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // Renamed since it was seen: the next look finds it.
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            unreadable.Add(new DeployOpsException("LogUnreadable", FaultKind.Failed, $"The log {path} cannot be read: {e.Message.TrimEnd('.')}.", "Let this account read it, or take it out of Monitoring.Logs.", e) { Target = path });
            return null;
        }
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
