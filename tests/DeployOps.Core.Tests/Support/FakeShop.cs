using System.Net;
using System.Net.Sockets;
using DeployOps.Plans;
using DeployOps.Rollouts;

namespace DeployOps.Core.Tests.Support;

/// <summary>
/// Two instances, or more, behind a router, in memory: it answers HTTP, is the router and runs the deploy script. It writes down each act and each moment
/// at which traffic went to an instance that did not serve.
/// </summary>
internal sealed class FakeShop : HttpMessageHandler, IRouter, IInstanceDeployer
{
    public const string Edge = "http://127.0.0.1:8080";

    private readonly Lock gate = new();
    private readonly List<string> acts = [];
    private readonly List<string> losses = [];
    private long asked;

    public FakeInstance Blue { get; } = new() { Version = "2.3.0", Weight = 100 };

    public FakeInstance Green { get; } = new();

    /// <summary>Further instances, by name and port.</summary>
    public List<(string Name, int Port, FakeInstance Instance)> More { get; } = [];

    /// <summary>What happened, in order, such as <c>deploy green-1 2.4.0</c> and <c>weights blue-1 0, green-1 100</c>.</summary>
    public IReadOnlyList<string> Acts
    {
        get
        {
            lock (gate)
            {
                return [.. acts];
            }
        }
    }

    /// <summary>The acts after which traffic went to an instance that did not serve, or nobody got any.</summary>
    public IReadOnlyList<string> Losses => losses;

    /// <summary>Asked before each act with its words: to fail it, to hang, or to change the world meanwhile.</summary>
    public Func<string, CancellationToken, Task> BeforeAct { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>Asked before the router is read: to fail it.</summary>
    public Action BeforeRead { get; set; } = () => { };

    /// <summary>Done before an instance, or the edge, answers.</summary>
    public Action BeforeAnswer { get; set; } = () => { };

    /// <summary>What the script makes of a version: a broken build serves another one, or none.</summary>
    public Func<string, string?> Build { get; set; } = version => version;

    /// <summary>Takes down the text of each script that is run; null where no test asks.</summary>
    public List<string>? Scripts { get; set; }

    public void Forget()
    {
        lock (gate)
        {
            acts.Clear();
        }
    }

    public Task<RouterState> ReadAsync(CancellationToken cancellationToken)
    {
        BeforeRead();
        var destinations = All().ToDictionary(pair => pair.Name, pair => new RouterDestination(new Uri($"http://127.0.0.1:{pair.Port}"), pair.Instance.Weight, pair.Instance.InFlight));
        return Task.FromResult(new RouterState("1", destinations));
    }

    public async Task SetWeightsAsync(IReadOnlyDictionary<string, int> weights, CancellationToken cancellationToken)
    {
        var act = $"weights {string.Join(", ", weights.OrderBy(weight => weight.Key, StringComparer.Ordinal).Select(weight => $"{weight.Key} {weight.Value}"))}";
        await BeforeAct(act, cancellationToken);
        foreach (var (name, weight) in weights)
        {
            Named(name).Weight = weight;
        }

        Record(act);
    }

    public async Task<string> DeployAsync(DeployRequest request, CancellationToken cancellationToken)
    {
        var stops = request.Version == DeployRequest.Stopped;
        var act = stops ? $"stop {request.Instance.Name}" : $"deploy {request.Instance.Name} {request.Version}";
        await BeforeAct(act, cancellationToken);
        Scripts?.Add(request.ScriptText);
        var instance = Named(request.Instance.Name);
        instance.Version = stops ? null : Build(request.Version);
        Record(act);
        return $"did: {act}";
    }

    public PlanError? FindMistake(string path, string text) => text.Contains("a mistake", StringComparison.Ordinal) ? new PlanError(path, 1, 1, "Deploy", "it holds a mistake") : null;

    public IReadOnlyList<PlanError> FindUnknown(string path, string text) => text.Contains("an unknown command", StringComparison.Ordinal) ? [new PlanError(path, 1, 1, "Deploy", "calls what is not there")] : [];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        BeforeAnswer();
        var port = request.RequestUri!.Port;
        var instance = port == 8080 ? Routed() : All().First(pair => pair.Port == port).Instance;
        if (instance is { IsTaken: true })
        {
            return Task.FromResult(Answer(404, "this is another program"));
        }

        if (instance?.Version is not { } version)
        {
            return port == 8080
                ? Task.FromResult(Answer(503, "no destination"))
                : Task.FromException<HttpResponseMessage>(new HttpRequestException("connection refused", new SocketException((int)SocketError.ConnectionRefused)));
        }

        return Task.FromResult(request.RequestUri.AbsolutePath == "/healthz" && !instance.IsHealthy ? Answer(503, "ill") : Answer(200, version));
    }

    private static HttpResponseMessage Answer(int status, string body) => new((HttpStatusCode)status) { Content = new StringContent(body) };

    private void Record(string act)
    {
        lock (gate)
        {
            acts.Add(act);
            if (All().All(pair => pair.Instance.Weight == 0) || All().Any(pair => pair.Instance is { Weight: > 0, Serves: false }))
            {
                losses.Add(act);
            }
        }
    }

    private IEnumerable<(string Name, int Port, FakeInstance Instance)> All() => [("blue-1", 8101, Blue), ("green-1", 8102, Green), .. More];

    // Each that has traffic in turn.
    private FakeInstance? Routed()
    {
        var weighted = All().Select(pair => pair.Instance).Where(candidate => candidate.Weight > 0).ToList();
        return weighted.Count == 0 ? null : weighted[(int)(Interlocked.Increment(ref asked) % weighted.Count)];
    }

    private FakeInstance Named(string name) => All().First(pair => pair.Name == name).Instance;
}
