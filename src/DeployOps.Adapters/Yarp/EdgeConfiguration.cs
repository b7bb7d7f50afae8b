using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DeployOps.Adapters.Yarp;

/// <summary>
/// The edge's configuration file: YARP's routes and clusters, with a <c>Revision</c> at the top and the weights as <c>Metadata.Weight</c> of the destinations.
/// Everything else in it is kept as it was.
/// </summary>
internal sealed class EdgeConfiguration
{
    private const string Revisions = "Revision";
    private const string Metadata = "Metadata";
    private const string Weight = "Weight";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A comment could not be kept, so a file that has one is refused rather than robbed of it.
    private static readonly JsonDocumentOptions Strict = new() { CommentHandling = JsonCommentHandling.Disallow, AllowDuplicateProperties = false };

    private readonly string path;
    private readonly string cluster;
    private readonly JsonObject root;
    private readonly JsonObject destinations;

    private EdgeConfiguration(string path, string cluster, JsonObject root, JsonObject destinations)
    {
        this.path = path;
        this.cluster = cluster;
        this.root = root;
        this.destinations = destinations;
    }

    /// <summary>The revision the file holds; empty where it has none.</summary>
    public string Revision => root[Revisions] is JsonValue value && value.TryGetValue<string>(out var revision) ? revision : "";

    /// <summary>Reads the file.</summary>
    /// <exception cref="DeployOpsException"><c>RouterConfigurationInvalid</c>.</exception>
    public static EdgeConfiguration Read(string path, string cluster)
    {
        try
        {
            var file = JsonNode.Parse(File.ReadAllText(path), documentOptions: Strict) as JsonObject ?? throw Invalid(path, "it is not a JSON object");
            // Half a character anywhere in it could not be written again.
            _ = file.ToJsonString(Readable);
            var found = (file["Clusters"] as JsonObject)?[cluster] is JsonObject one ? one["Destinations"] as JsonObject : null;
            return found is null
                ? throw Invalid(path, $"it has no Clusters.{cluster}.Destinations")
                : new EdgeConfiguration(path, cluster, file, found);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw Invalid(path, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, e.Message, e);
        }
    }

    /// <summary>Whether the file gives these instances these weights.</summary>
    /// <exception cref="DeployOpsException"><c>RouterInstanceUnknown</c>, <c>RouterConfigurationInvalid</c>.</exception>
    public bool Has(IReadOnlyDictionary<string, int> weights) => weights.All(weight => WeightOf(Destination(weight.Key), weight.Key) == weight.Value);

    /// <summary>The file's text with these weights and this revision.</summary>
    /// <exception cref="DeployOpsException"><c>RouterInstanceUnknown</c>, <c>RouterConfigurationInvalid</c>.</exception>
    public string With(IReadOnlyDictionary<string, int> weights, string revision)
    {
        var changed = new EdgeConfiguration(path, cluster, (JsonObject)root.DeepClone());
        foreach (var (instance, weight) in weights)
        {
            changed.MetadataOf(instance)[Weight] = weight.ToString(CultureInfo.InvariantCulture);
        }

        changed.root[Revisions] = revision;
        return changed.root.ToJsonString(Readable) + "\n";
    }

    private EdgeConfiguration(string path, string cluster, JsonObject root)
        : this(path, cluster, root, (JsonObject)root["Clusters"]![cluster]!["Destinations"]!)
    {
    }

    private static DeployOpsException Invalid(string path, string reason, Exception? cause = null) => new(
        "RouterConfigurationInvalid",
        FaultKind.InvalidData,
        $"The router's configuration {path} cannot be used: {reason.TrimEnd('.')}.",
        "Nothing was changed. Correct the file, or Rollout.Router.Path and Cluster in the plan.",
        cause);

    private JsonObject Destination(string instance) => !destinations.ContainsKey(instance)
        ? throw new DeployOpsException(
            "RouterInstanceUnknown",
            FaultKind.NotFound,
            $"The cluster '{cluster}' in {path} has no destination '{instance}', only {string.Join(", ", destinations.Select(destination => destination.Key))}.",
            "Give instances the names the router has for them.")
        : destinations[instance] as JsonObject ?? throw Invalid(path, $"the destination '{instance}' is not an object");

    private int? WeightOf(JsonObject destination, string instance) => destination[Metadata] switch
    {
        null => null,
        JsonObject metadata => metadata[Weight] switch
        {
            null => null,
            JsonValue value when value.TryGetValue<string>(out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) => weight,
            _ => throw Invalid(path, $"the weight of '{instance}' is not a whole number in quotes"),
        },
        _ => throw Invalid(path, $"the metadata of '{instance}' is not an object"),
    };

    private JsonObject MetadataOf(string instance)
    {
        var destination = Destination(instance);
        if (destination[Metadata] is null)
        {
            destination[Metadata] = new JsonObject();
        }

        return destination[Metadata] as JsonObject ?? throw Invalid(path, $"the metadata of '{instance}' is not an object");
    }
}
