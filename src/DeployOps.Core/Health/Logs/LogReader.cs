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

    /// <summary>What is there when it is looked for the first time; of a very long file, what is at its end.</summary>
    internal IEnumerable<LogEvent> ReadFirst() => Read(isFirst: true, isLast: false);

    /// <summary>
    /// What was added since the last look, file by file. What a rotated file held is read to its end, and it is followed from then on. A file that cannot be read is
    /// passed over, and told by <see cref="Unreadable"/>. A last line without an end, and a last error of which the next line tells what it is, are left for the next look, unless the
    /// file has not grown since the one before.
    /// </summary>
    /// <param name="isLast">Whether nothing is left for a next look.</param>
    internal IEnumerable<LogEvent> Read(bool isLast = false) => Read(isFirst: false, isLast);

    private IEnumerable<LogEvent> Read(bool isFirst, bool isLast)
    {
        unreadable.Clear();
        Follow();
        foreach (var path in Files().Union(positions.Keys.Where(File.Exists)).ToList())
        {
            var seen = positions.GetValueOrDefault(path)?.Seen ?? -1;
            foreach (var one in LogEvent.Read(LinesOf(path, isFirst, isLast), (last, begin) => !isFirst && !isLast && last.WantsNext && positions[path].Seen != seen && HoldBack(path, begin)))
            {
                yield return one;
            }
        }
    }

    private IEnumerable<LogLine> LinesOf(string path, bool isFirst, bool isLast)
    {
        // A file that holds what another was read to is that one's copy, and was read with it to there.
        var known = positions.GetValueOrDefault(path);
        var begin = known?.Offset ?? positions.Values.FirstOrDefault(other => other.Offset > 0 && IsAt(path, other))?.Offset ?? 0;
        // What is written while it is read is left for the next look.
        var end = Length(path);
        var whole = isLast ? end : known?.Seen ?? -1;
        // A line that was taken for whole goes on.
        var goesOn = known is { Tail: > 0 } && end > begin;
        var wasTold = goesOn && WasTold(path, known!);
        var from = isFirst && end > MostAtFirst ? end - MostAtFirst : goesOn ? begin - known!.Tail : begin;
        for (var isNext = true; Lines(path, from, whole) is { } lines; isNext = false)
        {
            foreach (var line in lines)
            {
                yield return line with { WasTold = isNext && wasTold };
                isNext = false;
            }

            var reached = positions[path];
            if (reached.Offset >= end || reached.Offset <= from)
            {
                positions[path] = goesOn && reached.Offset == from
                    ? known! with { Seen = reached.Seen, IsFinished = false }
                    : reached with { Tail = reached.Offset == begin && !goesOn ? known?.Tail ?? 0 : reached.Tail, IsFinished = reached.Offset == reached.Seen && (renamed.Contains(path) || reached.Offset == begin) };
                yield break;
            }

            from = reached.Offset;
        }
    }

    // As much of it as was there then.
    private static bool WasTold(string path, LogPosition known)
    {
        try
        {
            using var stream = Open(path);
            return new LogEvent(new LogText(stream, 0).Part(known.Offset - known.Tail, known.Tail), "", 0).IsError;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is not read anew either.
            return false;
        }
    }

    private bool HoldBack(string path, long begin)
    {
        try
        {
            using var stream = Open(path);
            positions[path] = positions[path] with { Offset = begin, Mark = begin == 0 ? "" : Mark(stream, begin), Tail = 0, IsFinished = false };
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It was there a moment ago: told as far as it is known.
            return false;
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
    private List<LogLine>? Lines(string path, long offset, long before)
    {
        try
        {
            using var stream = Open(path);
            var text = new LogText(stream, offset);
            var lines = text.Read(withLast: before == stream.Length, MostAtOnce);
            positions[path] = new LogPosition(path, text.Offset, text.Offset == 0 ? "" : Mark(stream, text.Offset)) { Seen = stream.Length, Tail = text.Tail };

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

    /// <exception cref="IOException">It cannot be opened, or is no file: whoever opens a pipe waits until somebody writes to it, and takes from others what he reads.</exception>
    private static FileStream Open(string path) => FileKind.IsNoFile(path)
        ? throw new IOException("it is no file but a pipe or a device")
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
}
