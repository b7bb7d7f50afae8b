using System.Text.Json;

namespace DeployOps.Smoke.JsonPaths;

/// <summary>
/// Picks nodes out of a JSON document (RFC 9535). A path is read once and can be asked of many documents.
/// </summary>
internal sealed class JsonPath
{
    private readonly JsonPathQuery query;

    private JsonPath(string text, JsonPathQuery query)
    {
        Text = text;
        this.query = query;
    }

    /// <summary>The path as it was written.</summary>
    public string Text { get; }

    /// <summary>At most one node can come out, whatever the document.</summary>
    public bool IsSingular => query.IsSingular;

    /// <summary>Reads a path.</summary>
    /// <exception cref="JsonPathException">It is not a well-formed and well-typed path.</exception>
    public static JsonPath Parse(string text) => HalfPair.Find(text) is var half and >= 0
        ? throw new JsonPathException("half of a character, which no JSON holds", half)
        : new JsonPath(text, new JsonPathParser(text).Parse());

    /// <summary>The nodes the path picks, in document order where the RFC fixes one.</summary>
    /// <exception cref="JsonPathException">The work would exceed <see cref="JsonPathEvaluator.MostVisits"/>.</exception>
    public IReadOnlyList<JsonElement> Select(JsonElement root) => new JsonPathEvaluator(root).Select(query, root);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
