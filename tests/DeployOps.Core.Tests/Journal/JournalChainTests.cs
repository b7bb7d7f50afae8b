using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalChainTests : IDisposable
{
    private readonly JournalFolder folder = new();

    [Fact]
    public async Task Each_line_names_its_number_the_line_before_it_and_last_its_own_sum()
    {
        await folder.FillAsync(5);

        var lines = await File.ReadAllLinesAsync(folder.Path, TestContext.Current.CancellationToken);
        var previous = new string('0', 64);
        for (var number = 1; number <= 5; number++)
        {
            var line = lines[number - 1];
            var json = JsonNode.Parse(line)!.AsObject();
            json.Select(property => property.Key).ShouldBe(["seq", "time", "epoch", "kind", "data", "prev", "sum"]);
            json["seq"]!.GetValue<long>().ShouldBe(number);
            json["prev"]!.GetValue<string>().ShouldBe(previous);
            json["sum"]!.GetValue<string>().ShouldBe(Sha256(line[..line.LastIndexOf(",\"sum\"", StringComparison.Ordinal)]));
            previous = Sha256(line);
        }
    }

    [Fact]
    public async Task What_was_written_is_read_back_as_it_was()
    {
        var journal = folder.Open();
        var entry = new JournalEntry(JournalKind.Captured, "weights\nand \"more\" \u2028 é")
        {
            Phase = DeploymentPhase.Rollout,
            Target = "rollout",
            Detail = new JsonObject { ["blue-1"] = 100, ["share"] = 0.25 },
        };

        var written = await journal.AppendAsync(entry, epoch: 7);

        var read = (await folder.Open().RefreshAsync()).ShouldHaveSingleItem();
        read.Message.ShouldBe(entry.Message);
        read.Phase.ShouldBe(DeploymentPhase.Rollout);
        read.Target.ShouldBe("rollout");
        read.Epoch.ShouldBe(7);
        read.Time.ShouldBe(written.Time);
        read.Hash.ShouldBe(written.Hash);
        JsonNode.DeepEquals(read.Data, entry.Detail).ShouldBeTrue();
    }

    [Fact]
    public async Task The_writer_sees_a_record_as_a_reader_does()
    {
        var journal = folder.Open();
        var facts = new JsonObject { ["instances"] = 2, ["share"] = 0.25, ["at"] = JsonValue.Create(TimeProvider.System.GetUtcNow()), ["kind"] = JsonValue.Create(JournalKind.Captured), ["nothing"] = null };

        foreach (var detail in (JsonNode?[])[null, JsonValue.Create("text"), facts, new JsonArray(1, "two", null)])
        {
            await journal.AppendAsync(new JournalEntry(JournalKind.Captured, "weights") { Phase = DeploymentPhase.Rollout, Target = "rollout", Detail = detail }, epoch: 7);
        }

        var read = await folder.Open().RefreshAsync();
        journal.Records.Select(Told).ShouldBe(read.Select(Told));
        journal.Records[2].Data!["instances"]!.GetValue<long>().ShouldBe(2, "a number is what the text is, not what it was made of");
    }

    [Fact]
    public async Task Facts_that_could_not_be_read_back_are_not_written()
    {
        await folder.FillAsync(2);
        var before = await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken);
        JsonNode deep = new JsonArray();
        for (var depth = 0; depth < 63; depth++)
        {
            deep = new JsonArray(deep);
        }

        await Should.ThrowAsync<DeployOpsException>(folder.Open().AppendAsync(new JournalEntry(JournalKind.Captured, "deep") { Detail = deep }));

        (await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken)).ShouldBe(before);
    }

    private static string Told(JournalRecord record) => JournalJson.ToNode(record)!.ToJsonString();

    [Fact]
    public async Task Two_terminals_append_in_turn_to_one_chain()
    {
        var one = folder.Open();
        var other = folder.Open();

        for (var turn = 0; turn < 20; turn++)
        {
            await one.AppendAsync(JournalFolder.Note($"one {turn}"));
            await other.AppendAsync(JournalFolder.Note($"other {turn}"));
        }

        other.Records.Count.ShouldBe(40);
        other.Records.Select(record => record.Seq).ShouldBe(Enumerable.Range(1, 40).Select(number => (long)number));
        JournalVerification.Verify(folder.Path).ToString().ShouldEndWith("40 records intact");
    }

    [Fact]
    public async Task Terminals_that_append_at_once_lose_nothing()
    {
        const int Terminals = 4;
        const int Each = 50;

        await Task.WhenAll(Enumerable.Range(0, Terminals).Select(terminal => WriteAsync(folder.Open(), terminal)));

        var records = await folder.Open().RefreshAsync();
        records.Count.ShouldBe(Terminals * Each);
        records.Select(record => record.Message).Distinct().Count().ShouldBe(Terminals * Each);
        for (var terminal = 0; terminal < Terminals; terminal++)
        {
            records.Where(record => record.Target == $"terminal {terminal}").Select(record => record.Message).ShouldBe(Enumerable.Range(0, Each).Select(number => $"{terminal}/{number}"));
        }

        static async Task WriteAsync(JournalFile journal, int terminal)
        {
            for (var number = 0; number < Each; number++)
            {
                await journal.AppendAsync(new JournalEntry(JournalKind.Note, $"{terminal}/{number}") { Target = $"terminal {terminal}" });
            }
        }
    }

    [Fact]
    public async Task A_clock_that_is_set_back_keeps_the_timeline_in_order()
    {
        var clock = new ScaledTime(1);
        var journal = folder.Open(clock);
        var before = await journal.AppendAsync(JournalFolder.Note("before"));

        clock.Shift = TimeSpan.FromHours(-1);
        var during = await journal.AppendAsync(JournalFolder.Note("an hour back"));
        clock.Shift = TimeSpan.FromHours(1);
        var after = await journal.AppendAsync(JournalFolder.Note("an hour ahead"));

        during.Time.ShouldBe(before.Time);
        after.Time.ShouldBeGreaterThan(during.Time);
    }

    [Fact]
    public async Task A_writer_of_an_older_epoch_is_refused_and_a_note_needs_none()
    {
        var stale = folder.Open();
        await stale.AppendAsync(JournalFolder.Note("mine"), epoch: 1);
        await folder.Open().AppendAsync(new JournalEntry(JournalKind.LockLost, "epoch 1 is lost"), epoch: 2);

        var error = await Errors.OfAsync(() => stale.AppendAsync(JournalFolder.Note("still mine?"), epoch: 1), "EpochStale");
        var note = await stale.AppendAsync(JournalFolder.Note("a note"));

        error.Message.ShouldContain("Epoch 1 was taken over by epoch 2");
        note.Epoch.ShouldBe(2);
        stale.Records.Select(record => record.Message).ShouldBe(["mine", "epoch 1 is lost", "a note"]);
    }

    [Fact]
    public async Task A_writer_is_refused_too_where_the_newer_owners_line_only_lacks_its_newline()
    {
        var stale = folder.Open();
        await stale.AppendAsync(JournalFolder.Note("mine"), epoch: 1);
        await folder.Open().AppendAsync(new JournalEntry(JournalKind.LockLost, "epoch 1 is lost"), epoch: 2);
        using (var file = new FileStream(folder.Path, FileMode.Open))
        {
            file.SetLength(file.Length - 1);
        }

        await Errors.OfAsync(() => stale.AppendAsync(JournalFolder.Note("still mine?"), epoch: 1), "EpochStale");

        (await folder.Open().RefreshAsync()).Select(record => record.Message).ShouldBe(["mine", "epoch 1 is lost"]);
    }

    [Fact]
    public async Task Secrets_are_redacted_before_anything_is_written()
    {
        const string Secret = "hunter2-Qx9-swordfish";
        folder.Redactor.Register(Secret);

        await folder.Open().AppendAsync(new JournalEntry(JournalKind.Note, $"connects with {Secret}")
        {
            Target = $"shop/{Secret}",
            Detail = new JsonObject { ["list"] = new JsonArray($"Password={Secret};", new JsonObject { [Secret] = 1 }) },
        });

        var text = await File.ReadAllTextAsync(folder.Path, TestContext.Current.CancellationToken);
        text.ShouldContain("connects with");
        text.ShouldNotContain(Secret);
        (await folder.Open().RefreshAsync()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Only_its_owner_may_read_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await folder.FillAsync(1);

#pragma warning disable CA1416 // Skipped on Windows above.
        File.GetUnixFileMode(folder.Path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Path.Combine(folder.Root, "journal.lock")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
#pragma warning restore CA1416
    }

    public void Dispose() => folder.Dispose();

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
