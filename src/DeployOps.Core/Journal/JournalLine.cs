using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Journal;

/// <summary>
/// One line's exact bytes: JSON with <c>seq, time, epoch, kind, data, prev</c> and last <c>sum</c>, the SHA-256 of the bytes before <c>,"sum"</c>.
/// <c>prev</c> is the SHA-256 of the whole previous line without its newline, 64 zeros for the first. A line that was synced together with lines
/// before it has <c>group</c> before its <c>prev</c>: the number of the first of them.
/// </summary>
internal static class JournalLine
{
    internal static readonly string NoPrevious = new('0', 64);

    // Which of two would count is for nobody to guess.
    private static readonly JsonDocumentOptions OneOfEach = new() { AllowDuplicateProperties = false };

    // What cannot be read back must not be written either.
    private static readonly JsonWriterOptions AsDeepAsIsRead = new() { Encoder = JournalJson.Options.Encoder, MaxDepth = 64 };

    private const int HashDigits = 64;
    private static readonly int SumLength = SumStart.Length + HashDigits + SumEnd.Length;

    private static ReadOnlySpan<byte> SumStart => ",\"sum\":\""u8;

    private static ReadOnlySpan<byte> SumEnd => "\"}"u8;

    /// <summary>The line with its newline, and the record that whoever reads it will see.</summary>
    /// <exception cref="InvalidOperationException">The facts lie too deep in each other to be read back.</exception>
    internal static (ReadOnlyMemory<byte> Line, JournalRecord Record) Write(long seq, DateTimeOffset time, long epoch, JournalEntry entry, string prev, long first)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        JsonNode? detail = null;
        using (var json = new Utf8JsonWriter(buffer, AsDeepAsIsRead))
        {
            json.WriteStartObject();
            json.WriteNumber("seq"u8, seq);
            json.WriteString("time"u8, UtcTimeConverter.Text(time));
            json.WriteNumber("epoch"u8, epoch);
            json.WriteString("kind"u8, entry.Kind.ToString());
            json.WriteStartObject("data"u8);
            json.WriteString("message"u8, entry.Message);
            if (entry.Phase is { } phase)
            {
                json.WriteString("phase"u8, phase.ToString());
            }

            if (entry.Target is not null)
            {
                json.WriteString("target"u8, entry.Target);
            }

            if (entry.Detail is not null)
            {
                json.WritePropertyName("detail"u8);
                json.Flush();
                var start = buffer.WrittenCount;
                entry.Detail.WriteTo(json, JournalJson.Options);
                json.Flush();
                // Its values are then what they are to a reader, not what they were made of.
                detail = JsonNode.Parse(buffer.WrittenSpan[start..]);
            }

            json.WriteEndObject();
            if (first < seq)
            {
                json.WriteNumber("group"u8, first);
            }

            json.WriteString("prev"u8, prev);
        }

        // The object is still open: its last property is the sum of what stands before it.
        Span<byte> sum = stackalloc byte[HashDigits];
        Sum(buffer.WrittenSpan, sum);
        buffer.Write(SumStart);
        buffer.Write(sum);
        buffer.Write(SumEnd);
        var hash = Hash(buffer.WrittenSpan);
        buffer.Write("\n"u8);
        var record = new JournalRecord
        {
            Seq = seq,
            Time = time,
            Epoch = epoch,
            Kind = entry.Kind,
            Phase = entry.Phase,
            Target = entry.Target,
            Message = entry.Message,
            Data = detail,
            Hash = hash,
        };

        return (buffer.WrittenMemory, record);
    }

    /// <summary>Whether the line ends in the right sum of itself, which also tells a whole line from a part of one.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> line)
    {
        if (line.Length <= SumLength)
        {
            return false;
        }

        Span<byte> sum = stackalloc byte[HashDigits];
        Sum(line[..^SumLength], sum);
        var end = line[^SumLength..];
        return end.StartsWith(SumStart) && end.EndsWith(SumEnd) && end[SumStart.Length..^SumEnd.Length].SequenceEqual(sum);
    }

    /// <summary>The number of the first record that a whole line was synced with; null where that is itself, or it is not whole.</summary>
    internal static long? Group(ReadOnlySpan<byte> line)
    {
        if (!IsWhole(line))
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(line)!["group"]?.GetValue<long>();
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // Whoever made a sum over something else than a record was not interrupted in writing one.
            return null;
        }
    }

    /// <summary>Reads a line that is expected to be the next one. Null with a reason where it is not.</summary>
    internal static JournalRecord? Read(ReadOnlyMemory<byte> line, long seq, string prev, out string reason)
    {
        if (!IsWhole(line.Span))
        {
            reason = "its sum does not match its text";
            return null;
        }

        try
        {
            return Parse(line, seq, prev, out reason);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            reason = $"it is not a record: {e.Message}";
            return null;
        }
    }

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static JournalRecord? Parse(ReadOnlyMemory<byte> line, long seq, string prev, out string reason)
    {
        using var document = JsonDocument.Parse(line, OneOfEach);
        var json = document.RootElement;
        if (json.GetProperty("seq"u8) is var number && number.GetInt64() != seq)
        {
            reason = $"its number is {number}, expected {seq}";
            return null;
        }

        if (json.GetProperty("prev"u8).GetString() != prev)
        {
            reason = "it does not follow the line before it";
            return null;
        }

        // A number or a list of names would be parsed too.
        var name = json.GetProperty("kind"u8).GetString();
        if (!Enum.TryParse<JournalKind>(name, out var kind) || kind.ToString() != name)
        {
            reason = $"its kind '{name}' is not known to this version of DeployOps";
            return null;
        }

        var data = json.GetProperty("data"u8);
        reason = "";
        return new JournalRecord
        {
            Seq = seq,
            Time = json.GetProperty("time"u8).GetDateTimeOffset().ToUniversalTime(),
            Epoch = json.GetProperty("epoch"u8).GetInt64(),
            Kind = kind,
            Phase = Optional(data, "phase"u8) is { } phase ? PhaseOf(phase.GetString()!) : null,
            Target = Optional(data, "target"u8)?.GetString(),
            Message = data.GetProperty("message"u8).GetString() ?? throw new FormatException("it has no message"),
            Data = Optional(data, "detail"u8) is { } detail ? JsonNode.Parse(JsonMarshal.GetRawUtf8Value(detail)) : null,
            Hash = Hash(line.Span),
        };
    }

    private static JsonElement? Optional(JsonElement table, ReadOnlySpan<byte> name) =>
        table.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static void Sum(ReadOnlySpan<byte> body, Span<byte> digits)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(body, hash);
        Convert.TryToHexStringLower(hash, digits, out _);
    }

    private static DeploymentPhase PhaseOf(string text) =>
        Enum.TryParse<DeploymentPhase>(text, out var phase) && phase.ToString() == text ? phase : throw new FormatException($"there is no phase '{text}'");
}
