using System.Text.Json;
using System.Text.Json.Nodes;
using DeployOps.Journal;

namespace DeployOps.Reports.Story;

/// <summary>
/// Reads the details of records for people. A detail of another shape, such as another version of DeployOps wrote, is named in the report
/// and does not keep the rest of it from being read.
/// </summary>
internal sealed class JournalFacts(IReadOnlyList<JournalRecord> records)
{
    private readonly List<string> unreadable = [];

    /// <summary>What could not be read, a line each.</summary>
    internal IReadOnlyList<string> Unreadable => unreadable;

    /// <summary>The records of a kind, in order.</summary>
    internal IEnumerable<JournalRecord> Of(JournalKind kind) => records.Where(record => record.Kind == kind);

    /// <summary>What was last captured under a name; null where nothing was.</summary>
    internal T? Captured<T>(string name)
        where T : class => Of(JournalKind.Captured).LastOrDefault(record => record.Target == name) is { } last ? Read<T>(last, last.Data) : null;

    /// <summary>Reads a record's detail, or a part of it; null where it has none or another shape.</summary>
    internal T? Read<T>(JournalRecord record, JsonNode? detail)
        where T : class => Read<T>($"Record {record.Seq} ({record.Kind})", detail);

    /// <summary>Reads a detail; null where there is none or it has another shape.</summary>
    internal T? Read<T>(string origin, JsonNode? detail)
        where T : class
    {
        try
        {
            return detail.Deserialize<T>(JournalJson.Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            unreadable.Add($"{origin} has details of another shape than this version of DeployOps reads ({typeof(T).Name}); its line stands in the log.");
            return null;
        }
    }
}
