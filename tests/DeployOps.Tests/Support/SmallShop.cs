using System.Text.Json.Nodes;
using DeployOps.Tests.Shared;

namespace DeployOps.Tests.Support;

/// <summary>
/// Two instances and their edge on free loopback ports. An instance serves the version that stands in <c>state/&lt;name&gt;.version</c>, which is
/// what the deploy script writes; the edge routes by <c>state/edge.json</c>.
/// </summary>
internal sealed class SmallShop : IDisposable
{
    public const string DeployScript = "param($Instance, $Version, $Window) [IO.File]::WriteAllText(\"$PSScriptRoot/state/$($Instance.Name).version\", $Version)";

    private readonly string _folder;
    private readonly List<LoopbackListener> _servers = [];

    /// <summary>Starts them, blue with all of the traffic.</summary>
    /// <param name="folder">The plan's folder.</param>
    public SmallShop(string folder)
    {
        _folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "state"));
        Blue = Serve(request => Instance("blue-1", request));
        Green = Serve(request => Instance("green-1", request));
        Edge = Serve(Route);
        File.WriteAllText(Path.Combine(folder, "deploy.ps1"), DeployScript);
        File.WriteAllText(VersionFile("blue-1"), "2.3.0");
        File.WriteAllText(VersionFile("green-1"), "2.3.0");
        WriteEdge([("blue-1", Blue, 100), ("green-1", Green, 0)]);
    }

    public Uri Blue { get; }

    public Uri Green { get; }

    public Uri Edge { get; }

    /// <summary>What the edge answers about itself instead of the truth; null for the truth.</summary>
    public string? State { get; set; }

    /// <summary>The plan's rollout, with further instances where a test wants them.</summary>
    public string Rollout(string moreInstances = "") => $$"""
        Rollout = @{ Strategy = 'BlueGreen'; Deploy = 'deploy.ps1'; DrainTimeout = '00:00:01'; HealthTimeout = '00:00:05'; Consecutive = 1
                     Router = @{ Kind = 'Yarp'; Path = 'state/edge.json'; Cluster = 'shop'; Uri = '{{Edge}}' }
                     Instances = @( @{ Name = 'blue-1'; Pool = 'blue'; Uri = '{{Blue}}' }
                                    @{ Name = 'green-1'; Pool = 'green'; Uri = '{{Green}}' }
                                    {{moreInstances}} ) }
        """;

    public string VersionFile(string instance) => Path.Combine(_folder, "state", $"{instance}.version");

    public void WriteEdge(IEnumerable<(string Name, Uri Address, int Weight)> destinations)
    {
        var entries = destinations.ToDictionary(one => one.Name, one => (JsonNode?)new JsonObject
        {
            ["Address"] = one.Address.ToString(),
            ["Metadata"] = new JsonObject { ["Weight"] = one.Weight.ToString(System.Globalization.CultureInfo.InvariantCulture) },
        });
        var root = new JsonObject { ["Revision"] = "1", ["Clusters"] = new JsonObject { ["shop"] = new JsonObject { ["Destinations"] = new JsonObject(entries) } } };
        File.WriteAllText(Path.Combine(_folder, "state", "edge.json"), root.ToJsonString());
    }

    public void Dispose() => _servers.ForEach(server => server.Dispose());

    private (int Status, string Body) Instance(string name, string path) => path switch
    {
        "/version" when File.Exists(VersionFile(name)) => (200, File.ReadAllText(VersionFile(name))),
        "/version" => (404, "nobody knows this here"),
        _ => (200, "well"),
    };

    private (int Status, string Body) Route(string path)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "state", "edge.json")))!;
        var destinations = root["Clusters"]!["shop"]!["Destinations"]!.AsObject();
        if (path == "/_edge/state")
        {
            var cluster = destinations.ToDictionary(one => one.Key, one => (JsonNode?)new JsonObject
            {
                ["address"] = one.Value!["Address"]!.GetValue<string>(),
                ["weight"] = Weight(one.Value),
                ["inFlight"] = 0,
            });
            var state = new JsonObject { ["revision"] = root["Revision"]!.GetValue<string>(), ["clusters"] = new JsonObject { ["shop"] = new JsonObject(cluster) } };
            return (200, State ?? state.ToJsonString());
        }

        return Instance(destinations.First(one => Weight(one.Value!) > 0).Key, path);
    }

    private static int Weight(JsonNode destination) =>
        int.Parse(destination["Metadata"]!["Weight"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);

    private Uri Serve(Func<string, (int Status, string Body)> answer)
    {
        var server = LoopbackListener.Of(answer);
        _servers.Add(server);
        return server.Uri;
    }
}
