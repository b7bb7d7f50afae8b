using System.Text.Json.Nodes;
using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Reports.Html;
using DeployOps.Reports.Markdown;
using DeployOps.Steps;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.Core.Tests.Reports;

/// <summary>Writes a journal line by line in memory, by the bytes a real one has, at times the test says.</summary>
internal sealed class SampleJournal
{
    internal static readonly DateTimeOffset Start = new(2026, 3, 5, 20, 0, 0, TimeSpan.Zero);

    private readonly JournalReader reader = new();
    private DateTimeOffset now = Start;

    internal IReadOnlyList<JournalRecord> Records => reader.Records;

    internal DateTimeOffset Now => now;

    internal WindowFacts Facts => WindowFacts.Fold(Records)!;

    internal DeploymentWindow Window => Facts.ToWindow("/var/lib/deployops/shop/production/windows/shop-2.4.0-1");

    internal SampleJournal After(double seconds)
    {
        now += TimeSpan.FromSeconds(seconds);
        return this;
    }

    internal SampleJournal Write(JournalKind kind, string message, DeploymentPhase? phase = null, string? target = null, JsonNode? detail = null)
    {
        var entry = new JournalEntry(kind, message) { Phase = phase, Target = target, Detail = detail };
        reader.Read(JournalLine.Write(reader.Next, now, 1, entry, reader.Head, reader.Next).Line);
        reader.Fault.ShouldBeNull();
        return this;
    }

    internal SampleJournal Open(Func<WindowOpening, WindowOpening>? change = null)
    {
        var opening = new WindowOpening
        {
            Id = "shop-2.4.0-1",
            Service = "shop",
            Environment = "production",
            Release = "2.4.0",
            PlanPath = "/srv/shop/plan.psd1",
            Digest = new string('d', 64),
            Files = [new KeptFile("plan.psd1", new string('e', 64))],
            Executor = "executor",
            Lead = "release-lead",
            Monitor = "observer",
            ApprovedAt = Start.AddHours(-3),
            EndsAt = Start.AddHours(2),
            StartedFrom = "/srv/shop/release.ps1",
            ModuleVersion = "1.0.0",
        };
        return Write(JournalKind.WindowOpened, "shop-2.4.0-1 to production", DeploymentPhase.Preparation, detail: JournalJson.ToNode(change?.Invoke(opening) ?? opening));
    }

    internal SampleJournal Begin(DeploymentPhase phase, string? message = null) => Write(JournalKind.PhaseStarted, message ?? $"{phase} began", phase);

    internal SampleJournal End<T>(T result)
        where T : PhaseResult => Write(JournalKind.PhaseEnded, result.Summary, result.Phase, detail: JournalJson.ToNode(new PhaseEnd(result.Outcome, JournalJson.ToNode(result))));

    internal SampleJournal Intent(DeploymentPhase phase, string key, string change, StepState state = StepState.Intended) =>
        Write(JournalKind.Intent, change, phase, key, JournalJson.ToNode(new StepRecord(state)));

    internal SampleJournal Outcome(DeploymentPhase phase, string key, string evidence, StepState state = StepState.Done, bool leftAsBefore = false) =>
        Write(JournalKind.Outcome, evidence, phase, key, JournalJson.ToNode(new StepRecord(state, evidence) { LeftAsBefore = leftAsBefore ? true : null }));

    internal SampleJournal Gate(DeploymentPhase phase, GateResult gate) => Write(JournalKind.Gate, gate.ToString(), phase, gate.Name, JournalJson.ToNode(gate));

    internal SampleJournal Capture<T>(DeploymentPhase phase, string name, T value) => Write(JournalKind.Captured, $"Captured {name}", phase, name, JournalJson.ToNode(value));

    internal SampleJournal Note(string by, string issue, string? resolution) =>
        Write(JournalKind.Note, $"{by}: {issue}", DeploymentPhase.Rollout, detail: new JsonObject { ["by"] = by, ["issue"] = issue, ["resolution"] = resolution });

    internal string Render() => HtmlPage.Render(Content());

    internal string RenderMarkdown() => MarkdownPage.Render(Content());

    internal ReportContent Content() => ReportContent.Read(Window, Facts, Records, now.AddSeconds(1));
}
