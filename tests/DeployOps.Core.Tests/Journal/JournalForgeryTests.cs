using System.Text;
using CsCheck;
using DeployOps.Core.Tests.Reports;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Reports.Html;
using DeployOps.Tests.Shared;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Journal;

/// <summary>
/// Lines whose sums and links are right and whose contents are anything: what another version, or somebody who can compute a hash, may have written.
/// Mutation of bytes never gets past the sum.
/// </summary>
public sealed class JournalForgeryTests
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1.5", "1e99", "9223372036854775808", "\"\"", "\"x\"", "\"7\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "[1]", "{}", "{\"state\":\"Done\"}", "{\"state\":7}",
        "{\"state\":\"Intended\",\"evidence\":[]}", "{\"outcome\":\"Succeeded\",\"result\":{}}", "{\"outcome\":\"Nothing\"}", "{\"outcome\":\"RolledBack\",\"result\":[1]}",
        "{\"by\":\"x\",\"reason\":\"y\",\"goBack\":true}", "{\"goBack\":\"perhaps\"}", "{\"files\":7}", "{\"files\":[{}]}", "{\"files\":[null]}", "{\"name\":null,\"verdict\":\"Pass\",\"detail\":\"d\"}",
        "{\"id\":\"x\"}", "{\"number\":\"x\"}", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59.9999999Z\"", "\"12\"", "{\"a\":1,\"a\":2}", $"{new string('[', 70)}{new string(']', 70)}",
    ];

    private static readonly string[] Kinds = [.. Enum.GetNames<JournalKind>().Select(name => $"\"{name}\""), "\"Nothing\"", "\"3\"", "\"Note, Gate\"", "7", "null"];

    private static readonly string[] Phases = [.. Enum.GetNames<DeploymentPhase>().Select(name => $"\"{name}\""), "\"99\"", "\"rollout\"", "7", "null"];

    private static readonly string[] Targets = ["\"rollout\"", "\"smoke\"", "\"deploy/green-1\"", "\"baseline\"", "\"\"", "null", "7", "{}"];

    private static readonly Gen<string> Value = OneOf(Values);

    /// <summary>Most fields are what they should be, so that most lines get far.</summary>
    private static readonly Gen<Line> Lines = Gen.Select(
        OneOf(Kinds),
        OneOf(Phases),
        OneOf(Targets),
        Value,
        Gen.Int[0, 40],
        Value,
        (kind, phase, target, detail, spoilt, spoiler) => new Line(kind, phase, target, detail, spoilt, spoiler));

    [Fact]
    public void A_window_that_was_forged_line_by_line_is_read_or_refused_with_a_typed_error()
    {
        var (faults, folded, refused, reported) = (0, 0, 0, 0);

        Property.Holds(Lines.Array[1, 5], lines =>
        {
            var reader = Begun();
            foreach (var line in lines)
            {
                reader.Read(line.Bytes(reader.Records.Count + 1, reader.Head));
            }

            if (reader.Fault is not null)
            {
                faults++;
            }

            try
            {
                var facts = WindowFacts.Fold(reader.Records)!;
                folded++;
                HtmlPage.Render(ReportContent.Read(facts.ToWindow("/var/lib/w"), facts, reader.Records, SampleJournal.Start.AddHours(1)));
                reported++;
            }
            catch (DeployOpsException e) when (e.ErrorId == "JournalRecordInvalid")
            {
                refused++;
            }

            return true;
        });

        faults.ShouldBeGreaterThan(500);
        refused.ShouldBeGreaterThan(500);
        reported.ShouldBeGreaterThan(500);
        folded.ShouldBe(reported, "the report is written of everything that can be folded");
    }

    [Fact]
    public void What_is_folded_record_by_record_is_what_is_folded_at_once()
    {
        var held = 0;

        Property.Holds(Lines.Array[1, 6], lines =>
        {
            var reader = Begun();
            foreach (var line in lines)
            {
                reader.Read(line.Bytes(reader.Records.Count + 1, reader.Head));
            }

            var (atOnce, stepwise) = (Attempt(() => WindowFacts.Fold(reader.Records)!), Attempt(() => Stepwise(reader.Records)));
            held += atOnce.StartsWith("JournalRecordInvalid", StringComparison.Ordinal) ? 0 : 1;
            return atOnce == stepwise;
        });

        held.ShouldBeGreaterThan(500);
    }

    private static Gen<string> OneOf(string[] pieces) => Gen.Int[0, pieces.Length - 1].Select(piece => pieces[piece]);

    private static JournalReader Begun()
    {
        var journal = new SampleJournal().Open();
        var reader = new JournalReader();
        var opening = new JournalEntry(JournalKind.WindowOpened, "opened") { Phase = DeploymentPhase.Preparation, Detail = JournalJson.ToNode(journal.Facts.Opening) };
        reader.Read(JournalLine.Write(1, SampleJournal.Start, 1, opening, reader.Head, reader.Next).Line);
        reader.Fault.ShouldBeNull();
        return reader;
    }

    private static WindowFacts Stepwise(IReadOnlyList<JournalRecord> records)
    {
        var facts = WindowFacts.Fold([records[0]])!;
        for (var count = 2; count <= records.Count; count++)
        {
            var before = Text(facts);
            var next = facts.After([.. records.Take(count)]);
            Text(facts).ShouldBe(before, "who holds an older state keeps it");
            facts = next;
        }

        return facts;
    }

    private static string Attempt(Func<WindowFacts> fold)
    {
        try
        {
            return Text(fold());
        }
        catch (DeployOpsException e)
        {
            return $"{e.ErrorId} {e.Message}";
        }
    }

    private static string Text(WindowFacts facts) => string.Join(
        '|',
        [
            $"{facts.State} {facts.LastPhase} {facts.LastSeq} {facts.LastTime:O} {facts.Stop} {facts.Digest}",
            .. Enum.GetValues<DeploymentPhase>().Select(phase => $"{facts.Phase(phase)}"),
            .. facts.Steps.Select(step => $"{step}"),
        ]);

    private sealed record Line(string Kind, string Phase, string Target, string Detail, int Spoilt, string Spoiler)
    {
        public byte[] Bytes(long seq, string prev)
        {
            string Field(int number, string value) => Spoilt == number ? Spoiler : value;
            var data = Field(1, $"{{\"message\":{Field(2, "\"says\"")},\"phase\":{Phase},\"target\":{Target},\"detail\":{Detail}}}");
            var body = Encoding.UTF8.GetBytes(
                $"{{\"seq\":{Field(3, $"{seq}")},\"time\":{Field(4, "\"2026-03-05T20:00:00.0000000Z\"")},\"epoch\":{Field(5, "1")},\"kind\":{Field(6, Kind)},\"data\":{data},\"prev\":{Field(7, $"\"{prev}\"")}");
            return [.. body, .. Encoding.ASCII.GetBytes($",\"sum\":\"{JournalLine.Hash(body)}\"}}\n")];
        }
    }
}
