using System.Text.Json.Nodes;
using DeployOps.Secrets;

namespace DeployOps.Journal;

/// <summary>
/// The last guard of what is read back from the execution log. The secrets of a plan are held against its names and paths before its window is opened; what no plan tells, such as a router's
/// destinations, a database's tables, or the secrets of another plan that the process has read, is met here.
/// </summary>
internal static class JournalSecrets
{
    /// <summary>Why a record may not be written: masked, it could not be read back. Null where it may.</summary>
    internal static DeployOpsException? Refusal(JournalEntry entry, Redactor redactor)
    {
        var hidden = entry.Kind is JournalKind.Captured or JournalKind.Intent && entry.Target is { } target && redactor.Redact(target) != target
            ? "its name"
            : entry.ReadBack is { } facts ? Hidden(facts, redactor.RedactJson(facts)) : null;
        return hidden is null
            ? null
            : new DeployOpsException(
                "SecretInLog",
                FaultKind.InvalidData,
                $"A secret that this process knows stands in what the log is read back by ({entry.Kind}: {hidden}), so neither could it be kept out of the log nor the log be gone on with.",
                "Use another secret. Where it belongs to another plan that this terminal has read, run the same command in a new terminal.");
    }

    // The place of the first difference, by its properties' names: what stands there is not to be told.
    private static string? Hidden(JsonNode? facts, JsonNode? clean) => (facts, clean) switch
    {
        (JsonObject before, JsonObject after) => before
            .Select(property => !after.ContainsKey(property.Key) ? "a name" : Hidden(property.Value, after[property.Key]) is { } below ? Join(property.Key, below) : null)
            .FirstOrDefault(place => place is not null),
        (JsonArray before, JsonArray after) => before.Zip(after, Hidden).FirstOrDefault(place => place is not null),
        _ => JsonNode.DeepEquals(facts, clean) ? null : "",
    };

    private static string Join(string name, string below) => below.Length == 0 ? name : $"{name}.{below}";
}
