using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using DeployOps.Tests.Shared;

namespace DeployOps.Tests.Support;

/// <summary>
/// A shop of real servers on loopback: an edge that forwards by the weights in its configuration file, as the router's adapter writes it, and
/// one instance a pool, started and stopped by the deploy script over HTTP. Every request that comes is written down.
/// </summary>
internal sealed class LoopbackShop : IDisposable
{
    private readonly string _configuration;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
    private readonly ConcurrentQueue<SeenRequest> _seen = new();
    private readonly ConcurrentDictionary<string, int> _ports = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (string Version, LoopbackListener Server)> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _inFlight = new(StringComparer.Ordinal);
    private readonly LoopbackListener _edge;
    private RequestHold? _hold;
    private int _good;
    private int _bad;

    /// <summary>Opens the shop: 2.3.0 on blue-1 with all of the traffic, green-1 stopped.</summary>
    /// <param name="configuration">The edge's configuration file, which is written.</param>
    public LoopbackShop(string configuration)
    {
        _configuration = configuration;
        foreach (var server in new[] { "edge", "blue-1", "green-1" })
        {
            _ports[server] = LoopbackPort.Free();
        }

        File.WriteAllText(configuration, $$"""
            { "Revision": "first", "Clusters": { "shop": { "Destinations": {
              "blue-1": { "Address": "{{UriOf("blue-1")}}/", "Metadata": { "Weight": "100" } },
              "green-1": { "Address": "{{UriOf("green-1")}}/", "Metadata": { "Weight": "0" } } } } } }
            """);
        Set("blue-1", "2.3.0");
        _edge = new LoopbackListener(request => AnswerAsync("edge", request, AtEdgeAsync), _ports["edge"]);
    }

    /// <summary>Every request so far, in order.</summary>
    public IReadOnlyList<SeenRequest> Seen => [.. _seen];

    /// <summary>The address of a server without a slash at its end.</summary>
    public string UriOf(string server) => $"http://127.0.0.1:{_ports[server]}";

    /// <summary>What an instance runs; null where it is stopped.</summary>
    public string? VersionOf(string instance) => _running.TryGetValue(instance, out var running) ? running.Version : null;

    /// <summary>What the edge routes by.</summary>
    public string State()
    {
        var root = JsonNode.Parse(File.ReadAllText(_configuration))!;
        var destinations = root["Clusters"]!["shop"]!["Destinations"]!.AsObject().Select(destination => KeyValuePair.Create<string, JsonNode?>(destination.Key, new JsonObject
        {
            ["address"] = destination.Value!["Address"]!.GetValue<string>(),
            ["weight"] = WeightOf(destination.Value),
            ["inFlight"] = _inFlight.GetValueOrDefault(destination.Key),
        }));
        return new JsonObject { ["revision"] = root["Revision"]!.GetValue<string>(), ["clusters"] = new JsonObject { ["shop"] = new JsonObject(destinations) } }.ToJsonString();
    }

    /// <summary>Has a request wait until it is released; null lets all pass.</summary>
    public RequestHold Hold(string address, string? after = null) => _hold = new RequestHold(address, after);

    public void Dispose()
    {
        _hold?.Release();
        _edge.Dispose();
        foreach (var (_, server) in _running.Values)
        {
            server.Dispose();
        }

        _http.Dispose();
    }

    private static int WeightOf(JsonNode destination) => int.Parse(destination["Metadata"]!["Weight"]!.GetValue<string>());

    private async Task<ServerAnswer> AnswerAsync(string server, HttpListenerRequest request, Func<SeenRequest, Task<ServerAnswer>> answer)
    {
        var seen = new SeenRequest(request.HttpMethod, server, request.Url!.AbsolutePath);
        _seen.Enqueue(seen);
        if (_hold is { } hold)
        {
            await hold.PassAsync(seen);
        }

        return await answer(seen);
    }

    private async Task<ServerAnswer> AtEdgeAsync(SeenRequest request)
    {
        switch (request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            case ["_edge", "state"]:
                return ServerAnswer.Ok(State());
            case ["_edge", "metrics"]:
                return ServerAnswer.Ok($"http_requests_total{{code=\"200\"}} {_good}\nhttp_requests_total{{code=\"502\"}} {_bad}\n");
            case ["_control", var instance, var version]:
                Set(instance, version);
                return ServerAnswer.Ok("");
            default:
                var answer = await ForwardAsync(request);
                Interlocked.Increment(ref answer.Status < 500 ? ref _good : ref _bad);
                return answer;
        }
    }

    private async Task<ServerAnswer> ForwardAsync(SeenRequest request)
    {
        var destinations = JsonNode.Parse(await File.ReadAllTextAsync(_configuration))!["Clusters"]!["shop"]!["Destinations"]!.AsObject();
        if (destinations.FirstOrDefault(destination => WeightOf(destination.Value!) > 0).Key is not { } instance)
        {
            return new ServerAnswer(503, "nothing has traffic");
        }

        _inFlight.AddOrUpdate(instance, 1, (_, count) => count + 1);
        try
        {
            using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), UriOf(instance) + request.Path);
            using var answer = await _http.SendAsync(forwarded);
            return new ServerAnswer((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException e)
        {
            return new ServerAnswer(502, e.Message);
        }
        finally
        {
            _inFlight.AddOrUpdate(instance, 0, (_, count) => count - 1);
        }
    }

    private Task<ServerAnswer> AtInstanceAsync(string instance, SeenRequest request) => Task.FromResult(request.Path switch
    {
        "/version" => ServerAnswer.Ok($$"""{"version":"{{VersionOf(instance)}}"}"""),
        "/healthz" => ServerAnswer.Ok("healthy"),
        "/checkout" when request.Method == "POST" => new ServerAnswer(201, "thank you"),
        _ => new ServerAnswer(404, "nothing here"),
    });

    // Idempotent, as a deploy script has to be.
    private void Set(string instance, string version)
    {
        if (VersionOf(instance) == version)
        {
            return;
        }

        if (_running.TryRemove(instance, out var before))
        {
            before.Server.Dispose();
        }

        if (version != "none")
        {
            _running[instance] = (version, new LoopbackListener(request => AnswerAsync(instance, request, seen => AtInstanceAsync(instance, seen)), _ports[instance]));
        }
    }
}
