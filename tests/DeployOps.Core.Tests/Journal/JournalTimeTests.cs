using System.Text.RegularExpressions;
using DeployOps.Core.Tests.Support;
using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Phases;

namespace DeployOps.Core.Tests.Journal;

public sealed partial class JournalTimeTests : IDisposable
{
    private static readonly DateTimeOffset Elsewhere = new(2026, 3, 5, 22, 0, 0, TimeSpan.FromHours(2));

    private readonly JournalFolder folder = new();

    [Fact]
    public async Task Every_time_of_a_line_is_written_in_utc_with_a_z()
    {
        var checkIn = new HealthCheckIn { Outcome = PhaseOutcome.Succeeded, Summary = "well", Verdict = HealthVerdict.Healthy, Time = Elsewhere, StartedAt = Elsewhere.ToUniversalTime() };
        var journal = folder.Open();

        await journal.AppendAsync(new JournalEntry(JournalKind.PhaseEnded, "well") { Detail = JournalJson.ToNode(new PhaseEnd(checkIn.Outcome, JournalJson.ToNode(checkIn))) });

        var line = await File.ReadAllTextAsync(folder.Path, TestContext.Current.CancellationToken);
        Times().Matches(line).Select(match => match.Groups["zone"].Value).ShouldBe(["Z", "Z", "Z"]);
        line.ShouldContain("\"time\":\"2026-03-05T20:00:00.0000000Z\"");
        journal.Records[0].Read<PhaseEnd>().Result!["time"]!.GetValue<DateTimeOffset>().ShouldBe(Elsewhere);
    }

    [Fact]
    public void A_time_with_an_offset_that_an_earlier_version_wrote_is_read() =>
        System.Text.Json.JsonSerializer.Deserialize<DateTimeOffset>("\"2026-03-05T20:00:00+00:00\"", JournalJson.Options).ShouldBe(Elsewhere);

    public void Dispose() => folder.Dispose();

    [GeneratedRegex("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+(?<zone>[^\"]*)\"")]
    private static partial Regex Times();
}
