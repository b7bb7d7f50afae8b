using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using DeployOps.Backups;

namespace DeployOps.Adapters.MariaDb;

/// <summary>The file that <c>mariadb-dump</c> writes: whole only where its last line says so, since one that was cut off between two statements restores without an error.</summary>
internal static class MariaDbDumpFile
{
    private const int TailLength = 512;

    // So much of the dump goes by one look at the replicas: what is on its way when it is held is still written.
    private const int BytesPerLook = 1024 * 1024;
    private static readonly byte[] EventStart = "/*!50106 CREATE*/"u8.ToArray();
    private static readonly byte[] TriggerStart = "/*!50003 CREATE*/"u8.ToArray();
    private static readonly byte[] DefaultsStart = "ALTER DATABASE `"u8.ToArray();
    private static readonly Regex DefaultsForm = new("^ALTER DATABASE `([^`]|``)+` (?<rest>CHARACTER SET \\w+ COLLATE \\w+ ;;?\r?\n?)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);
    private static readonly Regex EventForm = new(@" EVENT `(?<name>([^`]|``)+)` .*?(?<state>PRESERVE ENABLE)(?= |$)", RegexOptions.ExplicitCapture | RegexOptions.Singleline);
    private static readonly Regex SequenceForm = new(@"SETVAL\(`(?<name>([^`]|``)+)`, (?<next>-?\d+), 0(, (?<round>\d+))?\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking);

    /// <summary>Whether its last line says that the dump was completed.</summary>
    internal static async Task<bool> IsCompleteAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file, new FileStreamOptions { Options = FileOptions.Asynchronous });
        stream.Seek(-Math.Min(stream.Length, TailLength), SeekOrigin.End);
        var tail = new byte[Math.Min(stream.Length, TailLength)];
        await stream.ReadExactlyAsync(tail, cancellationToken);
        var last = Encoding.Latin1.GetString(tail).TrimEnd().Split('\n')[^1];
        return tail.Length > 0 && tail[^1] == (byte)'\n' && last.StartsWith("-- Dump completed", StringComparison.Ordinal);
    }

    /// <summary>
    /// Copies it to a client that restores it into a copy: events are made disabled, or the server would begin to carry them out there, and triggers without the database that they
    /// may name, or they would be made in the live one. Where the dump changes the defaults of the database for a while, for a routine that was made under others, it names the live one,
    /// too. The rest is copied byte by byte: definitions are
    /// in the character sets of those who made them.
    /// </summary>
    /// <param name="file">The dump.</param>
    /// <param name="client">What the client reads.</param>
    /// <param name="gate">Returns once more may be written; true where that wants a look of its own. Null copies as fast as it goes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The events that were enabled.</returns>
    internal static async Task<IReadOnlySet<string>> CopyAsync(string file, Stream client, Func<bool, Task>? gate, CancellationToken cancellationToken)
    {
        var enabled = new HashSet<string>(StringComparer.Ordinal);
        await using var stream = new FileStream(file, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        await using var output = new BufferedStream(client, 64 * 1024);
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        var unseen = 0L;
        for (var isLineStart = true; ;)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var rest = read.Buffer;
            var length = rest.Length;
            if (gate is not null)
            {
                await gate(unseen >= BytesPerLook);
                unseen = unseen >= BytesPerLook ? 0 : unseen;
            }

            while (!rest.IsEmpty)
            {
                var end = rest.PositionOf((byte)'\n');
                var line = end is { } at ? rest.Slice(0, rest.GetPosition(1, at)) : rest;
                var isEvent = isLineStart && (MayBe(EventStart, line) || MayBe(TriggerStart, line) || MayBe(DefaultsStart, line));
                if (end is null && isEvent && !read.IsCompleted)
                {
                    break;
                }

                await WriteAsync(output, line, isEvent ? enabled : null, cancellationToken);
                rest = rest.Slice(line.End);
                isLineStart = end is not null;
            }

            unseen += length - rest.Length;
            reader.AdvanceTo(rest.Start, rest.End);
            if (read.IsCompleted)
            {
                break;
            }
        }

        await reader.CompleteAsync();
        await output.FlushAsync(cancellationToken);
        return enabled;
    }

    /// <summary>The sequences as dumped; those that the dump does not tell of, as they are given.</summary>
    internal static async Task<IReadOnlyList<SequenceFingerprint>> SequencesAsync(string file, IReadOnlyList<SequenceFingerprint> known, CancellationToken cancellationToken)
    {
        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        using var reader = new StreamReader(file, Encoding.Latin1);
        // They stand before the tables.
        while (told.Count < known.Count && await reader.ReadLineAsync(cancellationToken) is { } line && !line.StartsWith("INSERT", StringComparison.Ordinal))
        {
            if (SequenceForm.Match(line) is { Success: true } match)
            {
                var name = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(match.Groups["name"].Value)).Replace("``", "`", StringComparison.Ordinal);
                told[name] = match.Groups["round"] is { Success: true, Value: not "0" } round ? string.Create(CultureInfo.InvariantCulture, $"{match.Groups["next"].Value} in round {round.Value}") : match.Groups["next"].Value;
            }
        }

        return [.. known.Select(sequence => sequence with { Value = told.GetValueOrDefault(sequence.Name, sequence.Value) })];
    }

    private static bool MayBe(byte[] start, ReadOnlySequence<byte> line)
    {
        var length = (int)Math.Min(line.Length, start.Length);
        Span<byte> head = stackalloc byte[start.Length];
        line.Slice(0, length).CopyTo(head);
        return head[..length].SequenceEqual(start.AsSpan(0, length)) && head[0] == start[0];
    }

    private static async Task WriteAsync(Stream output, ReadOnlySequence<byte> line, HashSet<string>? enabled, CancellationToken cancellationToken)
    {
        if (enabled is not null && EventForm.Match(Encoding.Latin1.GetString(line)) is { Success: true } match)
        {
            enabled.Add(Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(match.Groups["name"].Value)).Replace("``", "`", StringComparison.Ordinal));
            var text = Encoding.Latin1.GetString(line);
            var state = match.Groups["state"];
            await output.WriteAsync(Encoding.Latin1.GetBytes($"{text[..state.Index]}PRESERVE DISABLE{text[(state.Index + state.Length)..]}"), cancellationToken);
            return;
        }

        if (enabled is not null && MayBe(TriggerStart, line))
        {
            await output.WriteAsync(Encoding.Latin1.GetBytes(MariaDbObject.Unqualified(Encoding.Latin1.GetString(line))), cancellationToken);
            return;
        }

        if (enabled is not null && DefaultsForm.Match(Encoding.Latin1.GetString(line)) is { Success: true } defaults)
        {
            await output.WriteAsync(Encoding.Latin1.GetBytes($"ALTER DATABASE {defaults.Groups["rest"].Value}"), cancellationToken);
            return;
        }

        foreach (var piece in line)
        {
            await output.WriteAsync(piece, cancellationToken);
        }
    }
}
