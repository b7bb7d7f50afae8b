using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployOps.Adapters.Yarp;
using DeployOps.Health;
using DeployOps.Rollouts;
using DeployOps.Tests.Shared;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Adapters.Tests.Yarp;

public sealed class YarpRouterTests : IDisposable
{
    private const string Configuration = """
        {
          "Revision": "first",
          "Logging": { "Level": "Wärning <&>", "Precise": 1.10 },
          "Routes": { "all": { "ClusterId": "shop", "Match": { "Path": "{**any}" } } },
          "Clusters": {
            "shop": {
              "LoadBalancingPolicy": "Weighted",
              "Destinations": {
                "blue-1": { "Address": "http://127.0.0.1:8101/", "Metadata": { "Weight": "100", "Owner": "shop" } },
                "green-1": { "Address": "http://127.0.0.1:8102/" }
              }
            },
            "other": { "Destinations": { "x": { "Address": "http://127.0.0.1:8103/", "Metadata": { "Weight": "7" } } } }
          }
        }
        """;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("deployops-edge-");
    private readonly HttpAsker asker = new(TimeProvider.System);

    private string File => System.IO.Path.Combine(folder.FullName, "edge.json");

    public void Dispose()
    {
        asker.Dispose();
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_reads_what_the_edge_routes_by()
    {
        using var edge = Edge();

        var state = await Router(edge).ReadAsync(CancellationToken.None);

        state.Revision.ShouldBe("first");
        state.Destinations["blue-1"].ShouldBe(new RouterDestination(new Uri("http://127.0.0.1:8101/"), 100, 2));
        state.Destinations["green-1"].Weight.ShouldBe(0);
    }

    [Fact]
    public async Task The_file_stays_its_owners_whoever_releases()
    {
        Assert.SkipUnless(!OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess, "Only the system's administrator gives files away.");
        using var edge = Edge();
        await RunAsync("chown", "65534:65533", File);
        await RunAsync("chmod", "0600", File);

        await Router(edge).SetWeightsAsync(Weights(("blue-1", 0), ("green-1", 100)), CancellationToken.None);

        (await RunAsync("stat", "--format=%u:%g %a", File)).ShouldBe("65534:65533 600\n");
    }

    [Fact]
    public async Task It_sets_weights_and_keeps_everything_else()
    {
        using var edge = Edge();
        var before = JsonNode.Parse(Configuration)!;

        await Router(edge).SetWeightsAsync(Weights(("blue-1", 0), ("green-1", 100)), CancellationToken.None);

        var state = await Router(edge).ReadAsync(CancellationToken.None);
        (state.Destinations["blue-1"].Weight, state.Destinations["green-1"].Weight).ShouldBe((0, 100));
        var after = JsonNode.Parse(System.IO.File.ReadAllText(File))!;
        after["Revision"]!.GetValue<string>().ShouldNotBe("first");
        before["Revision"] = after["Revision"]!.DeepClone();
        before["Clusters"]!["shop"]!["Destinations"]!["blue-1"]!["Metadata"]!["Weight"] = "0";
        before["Clusters"]!["shop"]!["Destinations"]!["green-1"]!["Metadata"] = new JsonObject { ["Weight"] = "100" };
        JsonNode.DeepEquals(after, before).ShouldBeTrue(after.ToJsonString());
        System.IO.File.ReadAllText(File).ShouldContain("1.10");
    }

    [Fact]
    public async Task Every_change_has_a_revision_of_its_own()
    {
        using var edge = Edge();
        var revisions = new List<string> { "first" };

        for (var weight = 0; weight < 3; weight++)
        {
            await Router(edge).SetWeightsAsync(Weights(("blue-1", weight)), CancellationToken.None);
            revisions.Add((await Router(edge).ReadAsync(CancellationToken.None)).Revision);
        }

        revisions.Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public async Task What_is_already_so_is_not_written_again()
    {
        using var edge = Edge();
        var written = System.IO.File.GetLastWriteTimeUtc(File);

        await Router(edge).SetWeightsAsync(Weights(("blue-1", 100)), CancellationToken.None);

        System.IO.File.ReadAllText(File).ShouldBe(Configuration);
        System.IO.File.GetLastWriteTimeUtc(File).ShouldBe(written);
    }

    [Fact]
    public async Task What_is_in_the_file_but_not_served_is_written_again()
    {
        System.IO.File.WriteAllText(File, Configuration.Replace("\"100\"", "\"50\"", StringComparison.Ordinal));
        using var stale = LoopbackListener.Of(_ => (200, State(System.IO.File.ReadAllText(File).Contains("first", StringComparison.Ordinal) ? Configuration : System.IO.File.ReadAllText(File))));

        await Router(stale).SetWeightsAsync(Weights(("blue-1", 50)), CancellationToken.None);

        System.IO.File.ReadAllText(File).ShouldNotContain("first");
    }

    [Fact]
    public async Task The_mode_of_the_file_stays_and_nothing_is_left_beside_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows files have no mode");
        using var edge = Edge();
#pragma warning disable CA1416 // skipped above
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);

        await Router(edge).SetWeightsAsync(Weights(("blue-1", 1)), CancellationToken.None);

        System.IO.File.GetUnixFileMode(File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
#pragma warning restore CA1416
        folder.GetFiles().Select(file => file.Name).ShouldBe(["edge.json"]);
    }

    [Fact]
    public async Task A_replacement_that_cannot_be_written_is_told_and_the_file_left_alone()
    {
        using var edge = Edge();

        // The new text is first written beside the file under a longer name, which this one leaves no room for.
        var longest = System.IO.Path.Combine(folder.FullName, new string('e', 250));
        System.IO.File.WriteAllText(longest, Configuration);

        var error = await FailsAsync(Router(edge, longest), ("blue-1", 1));

        error.ErrorId.ShouldBe("RouterConfigurationNotWritten");
        System.IO.File.ReadAllText(longest).ShouldBe(Configuration);
    }

    [Fact]
    public async Task A_symbolic_link_goes_on_pointing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows needs a privilege for symbolic links");
        using var edge = Edge();
        var link = System.IO.Path.Combine(folder.FullName, "link.json");
        System.IO.File.CreateSymbolicLink(link, File);

        await Router(edge, link).SetWeightsAsync(Weights(("blue-1", 1)), CancellationToken.None);

        new FileInfo(link).LinkTarget.ShouldBe(File);
        System.IO.File.ReadAllText(File).ShouldNotContain("first");
    }

    [Fact]
    public async Task An_edge_that_reads_while_it_is_replaced_never_sees_half_a_file()
    {
        using var edge = Edge();
        using var stop = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var reads = 0;
            for (; !stop.IsCancellationRequested; reads++)
            {
                JsonDocument.Parse(System.IO.File.ReadAllText(File)).Dispose();
            }

            return reads;
        });

        for (var weight = 0; weight < 20; weight++)
        {
            await Router(edge).SetWeightsAsync(Weights(("blue-1", weight)), CancellationToken.None);
        }

        await stop.CancelAsync();
        (await reading).ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task An_instance_the_cluster_lacks_is_named()
    {
        using var edge = Edge();

        var error = await FailsAsync(Router(edge), ("red-1", 1));

        error.ErrorId.ShouldBe("RouterInstanceUnknown");
        error.Message.ShouldContain("no destination 'red-1', only blue-1, green-1");
        System.IO.File.ReadAllText(File).ShouldBe(Configuration);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"Clusters":{"shop":{"Destinations":[]}}}""")]
    [InlineData("""{"Clusters":{"shop":{"Destinations":{"blue-1":1}}}}""")]
    [InlineData("""{"Clusters":{"shop":{"Destinations":{"blue-1":{"Metadata":{"Weight":100}}}}}}""")]
    [InlineData("""{"Clusters":{"shop":{"Destinations":{"blue-1":{"Metadata":[]}}}}}""")]
    [InlineData("""{"Revision":"a","Revision":"b","Clusters":{"shop":{"Destinations":{"blue-1":{}}}}}""")]
    [InlineData("""{"Clusters":{"shop":{"Destinations":{"blue-1":{}}}}} // mine""")]
    public async Task A_file_that_cannot_be_used_is_refused_and_left_alone(string? text)
    {
        using var edge = Edge();
        if (text is null)
        {
            System.IO.File.Delete(File);
        }
        else
        {
            System.IO.File.WriteAllText(File, text);
        }

        var error = await FailsAsync(Router(edge), ("blue-1", 1));

        error.ErrorId.ShouldBe("RouterConfigurationInvalid");
        error.Message.ShouldContain(File);
        (System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File) : null).ShouldBe(text);
    }

    [Fact]
    public async Task An_edge_that_is_down_is_unreachable_and_nothing_is_changed()
    {
        var edge = Edge();
        edge.Dispose();

        (await FailsAsync(Router(edge), ("blue-1", 1))).ErrorId.ShouldBe("RouterUnreachable");
        (await Should.ThrowAsync<DeployOpsException>(() => Router(edge).ReadAsync(CancellationToken.None))).Message.ShouldContain("connection refused");
        System.IO.File.ReadAllText(File).ShouldBe(Configuration);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not JSON")]
    [InlineData("""{"revision":"1","clusters":{}}""")]
    [InlineData("""{"revision":"1","clusters":{"shop":{"blue-1":{"address":"here","weight":1,"inFlight":0}}}}""")]
    [InlineData("""{"revision":"1","clusters":{"shop":{"blue-1":{"address":"http://a/","weight":"1","inFlight":0}}}}""")]
    [InlineData("""{"revision":null,"clusters":{"shop":{}}}""")]
    public async Task A_state_that_cannot_be_read_is_told(string body)
    {
        using var edge = LoopbackListener.Of(_ => (200, body));

        (await Should.ThrowAsync<DeployOpsException>(() => Router(edge).ReadAsync(CancellationToken.None))).ErrorId.ShouldBe("RouterStateInvalid");
    }

    [Fact]
    public async Task An_edge_that_does_not_take_up_the_change_is_told_at_the_deadline()
    {
        System.IO.File.WriteAllText(File, Configuration);
        using var stuck = LoopbackListener.Of(_ => (200, State(Configuration)));
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(3) };
        using var fakeAsker = new HttpAsker(TimeProvider.System);
        var setting = new YarpRouter(Spec(stuck, File), fakeAsker, clock).SetWeightsAsync(Weights(("blue-1", 1)), CancellationToken.None);
        while (!setting.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(5);
        }

        var error = await Should.ThrowAsync<DeployOpsException>(() => setting);

        error.ErrorId.ShouldBe("RouterChangeNotServed");
        error.Message.ShouldContain("it serves revision 'first'");
    }

    [Fact]
    public async Task An_edge_that_takes_up_the_change_late_is_waited_for()
    {
        System.IO.File.WriteAllText(File, Configuration);
        var asked = 0;
        using var late = LoopbackListener.Of(_ => ++asked switch
        {
            < 5 => (200, State(Configuration)),
            < 7 => (503, ""),
            _ => (200, State(System.IO.File.ReadAllText(File))),
        });

        await Router(late).SetWeightsAsync(Weights(("blue-1", 1)), CancellationToken.None);

        asked.ShouldBe(7);
    }

    [Fact]
    public void The_adapters_open_it_by_its_kind()
    {
        using var adapters = new DeployOps.Adapters.Adapters(TimeProvider.System);
        var spec = new RouterSpec { Kind = "Yarp", Path = File, Cluster = "shop", Uri = new Uri("http://127.0.0.1:9/") };

        adapters.OpenRouter(spec).ShouldBeOfType<YarpRouter>();
        Should.Throw<DeployOpsException>(() => adapters.OpenRouter(spec with { Kind = "HAProxy" })).ErrorId.ShouldBe("RouterKindUnknown");
    }

    private static Dictionary<string, int> Weights(params (string Instance, int Weight)[] weights) => weights.ToDictionary(one => one.Instance, one => one.Weight);

    private static Task<DeployOpsException> FailsAsync(YarpRouter router, params (string Instance, int Weight)[] weights) =>
        Should.ThrowAsync<DeployOpsException>(() => router.SetWeightsAsync(Weights(weights), CancellationToken.None));

    // Answers as an edge does that serves this configuration; two requests are always in flight.
    private static string State(string configuration)
    {
        var root = JsonNode.Parse(configuration)!;
        var clusters = root["Clusters"]!.AsObject().Select(cluster => KeyValuePair.Create<string, JsonNode?>(cluster.Key, new JsonObject(
            cluster.Value!["Destinations"]!.AsObject().Select(destination => KeyValuePair.Create<string, JsonNode?>(destination.Key, new JsonObject
            {
                ["address"] = destination.Value!["Address"]!.GetValue<string>(),
                ["weight"] = int.Parse(destination.Value["Metadata"]?["Weight"]?.GetValue<string>() ?? "0"),
                ["inFlight"] = 2,
            })))));
        return new JsonObject { ["revision"] = root["Revision"]!.GetValue<string>(), ["clusters"] = new JsonObject(clusters) }.ToJsonString();
    }

    private static RouterSpec Spec(LoopbackListener edge, string path) => new() { Kind = "Yarp", Path = path, Cluster = "shop", Uri = edge.Uri };

    private static async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
        return output;
    }

    private LoopbackListener Edge()
    {
        System.IO.File.WriteAllText(File, Configuration);
        return LoopbackListener.Of(path => path == "/_edge/state" ? (200, State(System.IO.File.ReadAllText(File))) : (404, ""));
    }

    private YarpRouter Router(LoopbackListener edge, string? path = null) => new(Spec(edge, path ?? File), asker, TimeProvider.System);
}
