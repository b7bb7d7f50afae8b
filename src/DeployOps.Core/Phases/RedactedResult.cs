using System.Text.Json;
using System.Text.Json.Nodes;
using DeployOps.Journal;
using DeployOps.Secrets;

namespace DeployOps.Phases;

/// <summary>Takes secrets out of results: what a cmdlet emits is printed, logged and sent on by whoever gets it, so it says no more than the journal does.</summary>
internal static class RedactedResult
{
    /// <summary>The result as the journal would give it back; the same instance where it holds no secret.</summary>
    internal static TResult Redacted<TResult>(this TResult result, Redactor redactor)
        where TResult : PhaseResult
    {
        var node = JsonSerializer.SerializeToNode(result with { Window = null }, JournalJson.Options);
        var clean = redactor.RedactJson(node);
        if (JsonNode.DeepEquals(node, clean))
        {
            return result;
        }

        try
        {
            return clean.Deserialize<TResult>(JournalJson.Options)! with { Window = result.Window };
        }
        catch (JsonException)
        {
            // A secret that reads like one of the result's own words, such as an outcome, took that word out as well.
            return result with { Summary = redactor.Redact(result.Summary) };
        }
    }
}
