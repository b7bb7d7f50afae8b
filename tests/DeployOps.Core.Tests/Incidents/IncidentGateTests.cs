using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Incidents;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Incidents;

public sealed class IncidentGateTests : IDisposable
{
    private static readonly DeploymentPhase[] Forward =
        [DeploymentPhase.Preparation, DeploymentPhase.Migration, DeploymentPhase.Rollout, DeploymentPhase.Smoke, DeploymentPhase.Monitoring, DeploymentPhase.Completion];

    private readonly FakeIncidents incidents = new();
    private Release? opened;

    public static TheoryData<string> Phases => [.. Forward.Select(phase => phase.ToString())];

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task An_open_incident_keeps_each_phase_from_beginning(string name)
    {
        var (release, phase) = await ReadyForAsync(name);
        incidents.Open.Add(new Incident("example/shop#42", "payments fail"));

        var refused = await Errors.OfAsync(() => release.RunAsync(phase), "IncidentOpen");

        phase.Runs.ShouldBe(0);
        refused.Message.ShouldStartWith($"{name} of shop-2.4.0-1 did not begin: An incident is open: example/shop#42: payments fail.");
        refused.Command.ShouldEndWith(" -Deviation 'who agreed and why'");
        (await release.RecordsAsync())[^1].Kind.ShouldBe(JournalKind.Gate);
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task With_none_open_each_phase_goes_on(string name)
    {
        var (release, phase) = await ReadyForAsync(name);

        (await release.RunAsync(phase)).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        phase.Runs.ShouldBe(1);
        (await release.RecordsAsync()).ShouldContain(record => record.Kind == JournalKind.Gate && record.Message.Contains("none is open in example/shop (incident)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_reason_goes_against_it_and_stands_in_the_log()
    {
        var (release, phase) = await ReadyForAsync("Rollout");
        incidents.Open.Add(new Incident("example/shop#42", "payments fail"));

        (await release.RunAsync(phase, deviation: "this release mends it")).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        var deviation = (await release.RecordsAsync()).Single(record => record.Kind == JournalKind.Deviation);
        (deviation.Target, deviation.Message).ShouldBe(("IncidentOpen", "this release mends it (against IncidentOpen: An incident is open: example/shop#42: payments fail.)"));
    }

    [Fact]
    public async Task A_source_that_cannot_tell_is_asked_again_for_a_while()
    {
        var (release, phase) = await ReadyForAsync("Rollout");
        incidents.Failures = 2;

        (await release.RunAsync(phase)).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);

        incidents.Asked.ShouldBe(3);
    }

    [Fact]
    public async Task A_source_that_was_asked_too_often_is_not_asked_again()
    {
        var (release, phase) = await ReadyForAsync("Rollout");
        (incidents.Failures, incidents.ErrorId) = (int.MaxValue, "GitHubRateLimited");

        await Errors.OfAsync(() => release.RunAsync(phase), "IncidentsUnknown");

        incidents.Asked.ShouldBe(1);
    }

    [Fact]
    public async Task Out_of_reach_is_unknown_and_stops_who_cannot_be_asked()
    {
        var (release, phase) = await ReadyForAsync("Rollout");
        incidents.Failures = int.MaxValue;

        var refused = await Errors.OfAsync(() => release.RunAsync(phase), "IncidentsUnknown");

        phase.Runs.ShouldBe(0);
        refused.Message.ShouldContain("Whether an incident is open cannot be told: example/shop (incident): api.github.com does not answer: connection refused.");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_who_can_be_asked_decides_what_cannot_be_told(bool yes)
    {
        var (release, phase) = await ReadyForAsync("Rollout");
        incidents.Failures = int.MaxValue;
        var reporter = new ScriptedReporter(yes);

        var run = () => release.RunAsync(phase, reporter);
        if (yes)
        {
            (await run()).Result.Outcome.ShouldBe(PhaseOutcome.Succeeded);
            (await release.RecordsAsync()).ShouldContain(record => record.Kind == JournalKind.Deviation && record.Target == "IncidentsUnknown");
        }
        else
        {
            await Errors.OfAsync(run, "IncidentsUnknown");
        }

        reporter.Questions.ShouldHaveSingleItem().ShouldEndWith("Go on all the same?");
        reporter.Proposals.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_open_incident_is_no_question_but_a_refusal()
    {
        var (release, phase) = await ReadyForAsync("Rollout");
        incidents.Open.Add(new Incident("example/shop#42", "payments fail"));
        var reporter = new ScriptedReporter(true);

        await Errors.OfAsync(() => release.RunAsync(phase, reporter), "IncidentOpen");

        reporter.Questions.ShouldBeEmpty();
    }

    [Fact]
    public async Task Going_back_asks_for_none()
    {
        var (release, phase) = await ReadyForAsync("Rollout");
        incidents.Open.Add(new Incident("example/shop#42", "payments fail"));

        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        (incidents.Asked, phase.Runs).ShouldBe((0, 0));
    }

    [Fact]
    public async Task What_is_open_counts_more_than_what_cannot_be_told()
    {
        opened = await Release.OpenAsync();
        opened.Incidents = incidents;
        incidents.Failures = 1;
        incidents.Open.Add(new Incident("example/shop#42", "payments fail"));
        var sources = new[] { new IncidentSpec { Kind = "GitHub", Repository = "example/a" }, new IncidentSpec { Kind = "GitHub", Repository = "example/b" } };

        var gate = await new IncidentGate(opened.Ports(), new SilentReporter()).AskAsync(sources, CancellationToken.None);

        (gate.Verdict, gate.Detail).ShouldBe((GateVerdict.Fail, "example/shop#42: payments fail"));
    }

    public void Dispose() => opened?.Dispose();

    private async Task<(Release Release, FakePhase Phase)> ReadyForAsync(string name)
    {
        var phase = Enum.Parse<DeploymentPhase>(name);
        var release = opened = await Release.OpenAsync(more: "Health = @{ Incidents = @( @{ Kind = 'GitHub'; Repository = 'example/shop' } ) }", prepared: phase != DeploymentPhase.Preparation);
        foreach (var earlier in Forward.TakeWhile(earlier => earlier != phase).Skip(1))
        {
            await release.EndPhaseAsync(earlier, PhaseOutcome.Succeeded);
        }

        release.Incidents = incidents;
        return (release, new FakePhase(phase, _ => Task.FromResult(PhaseOutcome.Succeeded)));
    }
}
