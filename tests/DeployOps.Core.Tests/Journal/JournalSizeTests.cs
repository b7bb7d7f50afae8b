using System.Diagnostics;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalSizeTests : IDisposable
{
    private const int Records = 20_000;

    // About a second on a machine with nothing else to do; a minute says that it hangs.
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly JournalFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_journal_of_20_000_records_is_read_and_added_to_soon()
    {
        Write();
        var journal = folder.Open();
        var start = Stopwatch.GetTimestamp();

        var records = await journal.RefreshAsync();
        var facts = WindowFacts.Fold(records)!;
        for (var more = 0; more < 1000; more++)
        {
            await journal.AppendAsync(JournalFolder.Note("more"));
            facts = facts.After(journal.Records);
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        records.Count.ShouldBe(Records);
        facts.LastSeq.ShouldBe(Records + 1000);
        facts.Steps.Count().ShouldBe(Records / 2);
        elapsed.ShouldBeLessThan(Soon);
        Console.WriteLine($"{Records} records read, 1000 added, each folded: {elapsed.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task A_record_more_is_no_new_list_of_all_for_who_holds_the_old_one()
    {
        var journal = folder.Open();
        await journal.AppendAsync(JournalFolder.Note("one"));
        var before = journal.Records;

        await journal.AppendAsync(JournalFolder.Note("two"));

        before.Select(record => record.Message).ShouldBe(["one"]);
        journal.Records.Select(record => record.Message).ShouldBe(["one", "two"]);
    }

    private void Write()
    {
        var journal = new Reports.SampleJournal().Open();
        using var file = File.Create(folder.Path);
        var head = JournalLine.NoPrevious;
        for (var seq = 1; seq <= Records; seq++)
        {
            var step = StepRecord(seq);
            var entry = seq == 1
                ? new JournalEntry(JournalKind.WindowOpened, "opened") { Phase = DeploymentPhase.Preparation, Detail = JournalJson.ToNode(journal.Facts.Opening) }
                : new JournalEntry(seq % 2 == 0 ? JournalKind.Intent : JournalKind.Outcome, $"step {seq / 2}") { Phase = DeploymentPhase.Rollout, Target = $"deploy/{seq / 2}", Detail = step };
            var (line, record) = JournalLine.Write(seq, Reports.SampleJournal.Start.AddSeconds(seq), 1, entry, head, seq);
            head = record.Hash;
            file.Write(line.Span);
        }
    }

    private static System.Text.Json.Nodes.JsonNode? StepRecord(int seq) => JournalJson.ToNode(new StepRecord(seq % 2 == 0 ? StepState.Intended : StepState.Done, "evidence"));
}
