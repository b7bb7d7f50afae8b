using System.Text.Json.Nodes;
using DeployOps.Adapters.Operations;
using DeployOps.Operations;
using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Adapters.Tests.Operations;

public sealed class OperationsLogTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 5, 12, 0, 0, TimeSpan.Zero);

    private readonly string folder = Directory.CreateTempSubdirectory("deployops-operations").FullName;

    [Fact]
    public void An_event_is_a_line_of_compact_JSON()
    {
        Log().Write(Event() with { Window = "shop-2.4.0-1", ErrorId = "GateFailed", Elapsed = TimeSpan.FromMilliseconds(1234.4), Level = OperationLevel.Error });

        var line = Lines().ShouldHaveSingleItem();
        line["@t"]!.GetValue<string>().ShouldBe("2026-03-05T12:00:00.0000000Z");
        line["@l"]!.GetValue<string>().ShouldBe("Error");
        line["Command"]!.GetValue<string>().ShouldBe("Invoke-Rollout");
        line["What"]!.GetValue<string>().ShouldBe("it {failed} \"badly\"\nand {0}");
        line["Window"]!.GetValue<string>().ShouldBe("shop-2.4.0-1");
        line["ErrorId"]!.GetValue<string>().ShouldBe("GateFailed");
        line["ElapsedMs"]!.GetValue<double>().ShouldBe(1234);
        line["Run"]!.GetValue<string>().ShouldBe("r1");
        line["ProcessId"]!.GetValue<int>().ShouldBe(42);
        line["Operator"]!.GetValue<string>().ShouldBe("executor");
    }

    [Fact]
    public void What_is_not_known_is_left_out()
    {
        Log().Write(Event());

        var line = Lines().ShouldHaveSingleItem();
        line.ContainsKey("Window").ShouldBeFalse();
        line.ContainsKey("ErrorId").ShouldBeFalse();
        line.ContainsKey("ElapsedMs").ShouldBeFalse();
    }

    [Fact]
    public void A_log_that_cannot_be_written_says_so()
    {
        Directory.CreateDirectory(Path.Combine(folder, "operations-20260305.jsonl"));

        Should.Throw<UnauthorizedAccessException>(() => Log().Write(Event()));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static OperationEvent Event() => new()
    {
        Time = Start,
        Level = OperationLevel.Information,
        Message = "it {failed} \"badly\"\nand {0}",
        Command = "Invoke-Rollout",
        Run = "r1",
        Operator = "executor",
        ProcessId = 42,
    };

    private OperationsLog Log() => new(new OperationsFile(folder, new FakeTimeProvider(Start)));

    private List<JsonObject> Lines() => [.. File.ReadAllLines(Path.Combine(folder, "operations-20260305.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())];
}
