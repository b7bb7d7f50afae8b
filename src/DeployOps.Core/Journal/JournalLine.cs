using System.Globalization;
using System.Security.Cryptography;
using System.Text;
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

    private const string SumStart = ",\"sum\":\"";
    private const int HashDigits = 64;
    private static readonly int SumLength = SumStart.Length + HashDigits + "\"}".Length;

    internal static byte[] Write(long seq, DateTimeOffset time, long epoch, JournalEntry entry, string prev, long first)
    {
        var data = new JsonObject { ["message"] = entry.Message };
        if (entry.Phase is { } phase)
        {
            data["phase"] = phase.ToString();
        }

        if (entry.Target is not null)
        {
            data["target"] = entry.Target;
        }

        if (entry.Detail is not null)
        {
            data["detail"] = entry.Detail.DeepClone();
        }

        var line = new JsonObject
        {
            ["seq"] = seq,
            ["time"] = UtcTimeConverter.Text(time),
            ["epoch"] = epoch,
            ["kind"] = entry.Kind.ToString(),
            ["data"] = data,
        };
        if (first < seq)
        {
            line["group"] = first;
        }

        line["prev"] = prev;
        var text = line.ToJsonString(JournalJson.Options);
        var body = Encoding.UTF8.GetBytes(text, 0, text.Length - 1);

        return [.. body, .. Encoding.ASCII.GetBytes($"{SumStart}{Hash(body)}\"}}")];
    }

    /// <summary>Whether the line ends in the right sum of itself, which also tells a whole line from a part of one.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> line)
    {
        if (line.Length <= SumLength)
        {
            return false;
        }

        var body = line[..^SumLength];
        return line[^SumLength..].SequenceEqual(Encoding.ASCII.GetBytes($"{SumStart}{Hash(body)}\"}}"));
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
    internal static JournalRecord? Read(ReadOnlySpan<byte> line, long seq, string prev, out string reason)
    {
        if (!IsWhole(line))
        {
            reason = "its sum does not match its text";
            return null;
        }

        try
        {
            return Parse(line, seq, prev, out reason);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NullReferenceException or ArgumentException)
        {
            reason = $"it is not a record: {e.Message}";
            return null;
        }
    }

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static JournalRecord? Parse(ReadOnlySpan<byte> line, long seq, string prev, out string reason)
    {
        var json = JsonNode.Parse(line, documentOptions: OneOfEach)!.AsObject();
        if (json["seq"]!.GetValue<long>() != seq)
        {
            reason = $"its number is {json["seq"]}, expected {seq}";
            return null;
        }

        if (json["prev"]!.GetValue<string>() != prev)
        {
            reason = "it does not follow the line before it";
            return null;
        }

        // A number or a list of names would be parsed too.
        if (!Enum.TryParse<JournalKind>(json["kind"]!.GetValue<string>(), out var kind) || kind.ToString() != json["kind"]!.GetValue<string>())
        {
            reason = $"its kind '{json["kind"]}' is not known to this version of DeployOps";
            return null;
        }

        var data = json["data"]!.AsObject();
        reason = "";
        return new JournalRecord
        {
            Seq = seq,
            Time = DateTimeOffset.Parse(json["time"]!.GetValue<string>(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal),
            Epoch = json["epoch"]!.GetValue<long>(),
            Kind = kind,
            Phase = data["phase"] is { } phase ? PhaseOf(phase.GetValue<string>()) : null,
            Target = data["target"]?.GetValue<string>(),
            Message = data["message"]!.GetValue<string>(),
            Data = data["detail"]?.DeepClone(),
            Hash = Hash(line),
        };
    }

    private static DeploymentPhase PhaseOf(string text) =>
        Enum.TryParse<DeploymentPhase>(text, out var phase) && phase.ToString() == text ? phase : throw new FormatException($"there is no phase '{text}'");
}
