using System.Globalization;
using System.Management.Automation;
using System.Text.Json.Nodes;
using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>A release that the engine stops while work is in flight, once in each phase, and the same command run again.</summary>
[Collection(EngineCollection.Name)]
public sealed class InterruptedReleaseTests : IDisposable
{
    /// <summary>From the key, or from the safe point of the step in progress where that is later, until the prompt is back.</summary>
    private static readonly TimeSpan Prompt = TimeSpan.FromSeconds(2);

    private readonly EngineHost _engine = new();
    private readonly ShopRelease _release;

    public InterruptedReleaseTests()
    {
        WorkInFlight.Track();
        _release = new ShopRelease(_engine);
        _release.Plans.Approve(_engine);
    }

    public void Dispose()
    {
        _release.Dispose();
        _engine.Dispose();
    }

    [Fact]
    public async Task In_the_preparation()
    {
        var probe = _release.Shop.Hold("edge /healthz");

        await InterruptAsync("Preparation", "PreparationPhase", ShopRelease.WholePipe, () => probe.Met, probe.Release);
    }

    [Fact]
    public async Task In_the_rehearsal_of_the_migration()
    {
        _release.SlowDatabase(slow: true);

        await InterruptAsync("Preparation", "PreparationPhase", ShopRelease.WholePipe, () => _release.LoggedAsync("\"Intent\"", "backup/shop"), () => _release.SlowDatabase(slow: false));
    }

    [Fact]
    public async Task In_the_migration()
    {
        _release.WithoutRehearsal();
        _release.SlowDatabase(slow: true);

        await InterruptAsync("Migration", "MigrationPhase", ShopRelease.WholePipe, () => _release.LoggedAsync("\"Intent\"", "migrate/shop/2.4.0.2"), () => _release.SlowDatabase(slow: false));
    }

    [Fact]
    public async Task In_the_rollout()
    {
        _release.HoldDeploy("green-1", "2.4.0");

        await InterruptAsync("Rollout", "RolloutPhase", ShopRelease.WholePipe, () => _release.DeployingAsync("green-1", "2.4.0"), () => _release.LetDeploy("green-1", "2.4.0"));
    }

    [Fact]
    public async Task In_the_smoke_tests()
    {
        var checkout = _release.Shop.Hold("green-1 /checkout");

        await InterruptAsync("Smoke", "SmokePhase", ShopRelease.WholePipe, () => checkout.Met, checkout.Release);
    }

    [Fact]
    public async Task In_the_watch()
    {
        var sample = _release.Shop.Hold("edge /_edge/metrics", after: "green-1 /checkout");

        await InterruptAsync("Monitoring", "WatchPhase", ShopRelease.WholePipe, () => sample.Met, sample.Release);
    }

    [Fact]
    public async Task In_the_completion()
    {
        _release.HoldDeploy("blue-1", "none");

        await InterruptAsync("Completion", "CompletionPhase", ShopRelease.WholePipe, () => _release.DeployingAsync("blue-1", "none"), () => _release.LetDeploy("blue-1", "none"));
    }

    [Fact]
    public async Task In_the_rollback()
    {
        _release.Run($"$null = {ShopRelease.WholePipe.Replace(" | Test-Smoke | Watch-DeploymentHealth | Complete-DeploymentWindow", "", StringComparison.Ordinal)}").Clean();
        _release.HoldDeploy("green-1", "none");

        await InterruptAsync("Rollback", "RollbackRunner", "Get-DeploymentWindow | Invoke-Rollback", () => _release.DeployingAsync("green-1", "none"), () => _release.LetDeploy("green-1", "none"));
    }

    [Fact]
    public async Task A_phase_that_has_ended_stays_as_it_ended_whatever_stops_downstream()
    {
        _release.Run("$null = Start-DeploymentWindow $Plan").Clean();
        var emitted = _release.Plans.PathOf("run/emitted");

        var (told, returned) = await StopAsync(
            "Get-DeploymentWindow | Invoke-DbMigration | ForEach-Object { [IO.File]::WriteAllText(\"$([IO.Path]::GetDirectoryName($Plan))/run/emitted\", ''); while ($true) { [Threading.Thread]::Sleep(5) } }",
            "PhaseCommand",
            () => Patience.UntilAsync(() => File.Exists(emitted), "what is downstream"));

        (returned - told).ShouldBeLessThan(Prompt);
        _release.ShouldHaveLeftNothingBehind();
        Ends("Migration").Select(Outcome).ShouldBe(["Succeeded"]);
        _release.Run("Get-DeploymentWindow | Invoke-DbMigration").Clean().Text("Outcome").ShouldBe("Succeeded");
        ShouldHaveDoneNothingTwice();
    }

    private async Task InterruptAsync(string phase, string worker, string command, Func<Task> atWork, Action letGo)
    {
        await using var customer = new Customer(_release.Shop);

        var (told, returned) = await StopAsync(command, worker, atWork);

        _release.ShouldHaveLeftNothingBehind();
        var ended = Ends(phase).ShouldHaveSingleItem();
        Outcome(ended).ShouldBe("Cancelled");
        (returned - SafePoint(ended, told)).ShouldBeLessThan(Prompt);
        var served = customer.Served;
        letGo();

        var again = _release.Run(command);

        again.Clean().Text("Outcome").ShouldBe(phase == "Rollback" ? "RolledBack" : "Succeeded");
        (await customer.LeaveAsync()).ShouldBeEmpty();
        customer.Served.ShouldBeGreaterThan(served);
        Ends(phase).Select(Outcome).ShouldBe(["Cancelled", phase == "Rollback" ? "RolledBack" : "Succeeded"]);
        ShouldHaveDoneNothingTwice();
        ShouldServe(phase == "Rollback" ? "2.3.0" : "2.4.0");
    }

    // A step that cannot be broken off ends first, and says so; whatever else was at work has no outcome.
    private DateTimeOffset SafePoint(JsonNode ended, DateTimeOffset told) => Records("Outcome")
        .Where(record => record["seq"]!.GetValue<long>() < ended["seq"]!.GetValue<long>())
        .Select(Time).Append(told).Max();

    // Answers when the key was pressed, and when the prompt was back.
    private async Task<(DateTimeOffset Told, DateTimeOffset Returned)> StopAsync(string command, string worker, Func<Task> atWork)
    {
        var (told, returned) = (DateTimeOffset.MaxValue, DateTimeOffset.MinValue);
        IReadOnlyList<string> left = [];

        var result = await _engine.InvokeAndStopAsync($"param($Plan) {command}", AtWorkAsync, Look, ("Plan", _release.Plans.Plan));

        result.Exception.ShouldBeOfType<PipelineStoppedException>();
        left.ShouldBeEmpty();
        return (told, returned);

        async Task AtWorkAsync()
        {
            await atWork().WaitAsync(TimeSpan.FromSeconds(30));
            // Who answers a request may have it before its sender has begun to wait.
            await Patience.UntilAsync(() => WorkInFlight.Now().Any(name => name.Contains(worker, StringComparison.Ordinal)), worker);
            told = DateTimeOffset.UtcNow;
        }

        void Look() => (returned, left) = (DateTimeOffset.UtcNow, WorkInFlight.Now());
    }

    private void ShouldHaveDoneNothingTwice()
    {
        var done = Records("Outcome").Where(record => Detail(record, "state") is "Done" or "Undone").Select(record => $"{record["data"]!["target"]} {Detail(record, "state")}").ToList();
        done.ShouldNotBeEmpty();
        done.ShouldBeUnique();
        _release.Shop.Seen.Where(request => request.Path.StartsWith("/_control/", StringComparison.Ordinal)).Select(request => request.Path).ShouldBeUnique();
    }

    private void ShouldServe(string version)
    {
        var carries = version == "2.4.0" ? "green-1" : "blue-1";
        _release.Shop.VersionOf(carries).ShouldBe(version);
        _release.Shop.VersionOf(carries == "green-1" ? "blue-1" : "green-1").ShouldBeNull();
        JsonNode.Parse(_release.Shop.State())!["clusters"]!["shop"]![carries]!["weight"]!.GetValue<int>().ShouldBe(100);
    }

    private List<JsonNode> Ends(string phase) => Records("PhaseEnded").Where(record => record["data"]!["phase"]!.GetValue<string>() == phase).ToList();

    private IEnumerable<JsonNode> Records(string kind) => _release.Log.Select(line => JsonNode.Parse(line)!).Where(record => record["kind"]!.GetValue<string>() == kind);

    private static string? Outcome(JsonNode record) => Detail(record, "outcome");

    private static string? Detail(JsonNode record, string property) => record["data"]!["detail"]![property]?.GetValue<string>();

    private static DateTimeOffset Time(JsonNode record) => DateTimeOffset.Parse(record["time"]!.GetValue<string>(), CultureInfo.InvariantCulture);
}
