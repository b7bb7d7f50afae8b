using System.Text.Json.Nodes;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Journal;

/// <summary>What is asked for at once is synced together, and only the last group may be torn.</summary>
public sealed class JournalGroupTests : IDisposable
{
    private const int Sector = 512;
    private const int AtOnce = 12;

    private readonly JournalFolder folder = new();

    [Fact]
    public async Task Appends_that_are_asked_for_at_once_keep_their_order_and_name_the_first_of_them()
    {
        await AppendAtOnceAsync("first", "second", "third");
        await folder.Open().AppendAsync(JournalFolder.Note("alone"));

        var lines = await File.ReadAllLinesAsync(folder.Path, TestContext.Current.CancellationToken);
        var records = await folder.Open().RefreshAsync();
        records.Select(record => record.Message).ShouldBe(["first", "second", "third", "alone"]);
        lines.Select(line => JsonNode.Parse(line)!["group"]?.GetValue<long>()).ShouldBe([null, 1, 1, null]);
    }

    [Fact]
    public async Task A_stale_writer_among_them_is_refused_alone()
    {
        var (journal, thread) = folder.OpenWithThread();
        await journal.AppendAsync(JournalFolder.Note("the present owner"), epoch: 2);

        var appends = await JournalFolder.AtOnceAsync(thread, () => [journal.AppendAsync(JournalFolder.Note("stale"), epoch: 1), journal.AppendAsync(JournalFolder.Note("present"), epoch: 2)]);

        await Errors.OfAsync(() => appends[0], "EpochStale");
        (await appends[1]).Seq.ShouldBe(2);
        (await folder.Open().RefreshAsync()).Select(record => record.Message).ShouldBe(["the present owner", "present"]);
    }

    [Fact]
    public async Task A_long_queue_is_synced_in_groups_that_can_be_told_when_they_are_torn()
    {
        var text = new string('n', 4000);

        await AppendAtOnceAsync([.. Enumerable.Range(0, 40).Select(number => $"{number} {text}")]);

        var groups = (await File.ReadAllLinesAsync(folder.Path, TestContext.Current.CancellationToken)).Select(line => (Bytes: line.Length + 1, First: JsonNode.Parse(line)!["group"]?.GetValue<long>()));
        var length = 0;
        foreach (var (bytes, first) in groups)
        {
            length = first is null ? 0 : length;
            length.ShouldBeLessThan(JournalGroup.Largest);
            length += bytes;
        }

        groups.Count(group => group.First is null).ShouldBe(3);
        JournalVerification.Verify(folder.Path).ToString().ShouldEndWith("40 records intact");
    }

    [Fact]
    public async Task Sectors_of_the_last_group_that_were_not_written_are_a_torn_end_and_those_of_an_earlier_one_are_not()
    {
        await folder.FillAsync(3);
        await AppendAtOnceAsync([.. Enumerable.Range(1, AtOnce).Select(number => $"at once {number}: {new string('n', 100 * number)}")]);
        var whole = await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken);
        var group = EndOf(whole, 3);
        var (torn, refused) = (0, 0);

        for (var from = 0; from < whole.Length; from += Sector)
        {
            for (var sectors = 1; sectors <= 4; sectors++)
            {
                var bytes = whole.ToArray();
                var to = Math.Min(from + (sectors * Sector), whole.Length);
                bytes.AsSpan(from, to - from).Clear();
                var reader = new JournalReader();

                var tail = reader.Read(bytes);

                var lines = whole.AsSpan(0, from).Count((byte)'\n');
                reader.Records.Count.ShouldBe(lines, $"zeros from {from} to {to}");
                // What begins in the sector that holds the end of the third record is neither: that record was synced before.
                (reader.Fault is null).ShouldBe(lines >= 3, $"zeros from {from} to {to}");
                tail.Length.ShouldBe(whole.Length - EndOf(whole, lines), $"zeros from {from} to {to}");
                _ = reader.Fault is null ? torn++ : refused++;
            }
        }

        group.ShouldBeGreaterThan(Sector);
        torn.ShouldBeGreaterThan(20);
        refused.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task A_torn_group_is_set_aside_whole_and_the_next_record_goes_on_behind_the_last_one_that_was_synced()
    {
        await folder.FillAsync(3);
        await AppendAtOnceAsync([.. Enumerable.Range(1, AtOnce).Select(number => $"at once {number}")]);
        var whole = await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken);
        var at = ((EndOf(whole, 3) / Sector) + 1) * Sector;
        var lines = whole.AsSpan(0, at).Count((byte)'\n');
        whole.AsSpan(at, Sector).Clear();
        await File.WriteAllBytesAsync(folder.Path, whole, TestContext.Current.CancellationToken);

        await folder.Open().AppendAsync(JournalFolder.Note("goes on"));

        var records = await folder.Open().RefreshAsync();
        records.Count.ShouldBe(lines + 2);
        records[^2].Kind.ShouldBe(JournalKind.Recovered);
        (await File.ReadAllBytesAsync(folder.Aside().ShouldHaveSingleItem(), TestContext.Current.CancellationToken)).ShouldBe(whole[EndOf(whole, lines)..]);
    }

    [Theory]
    [InlineData("", "ok")]
    [InlineData("inject=fsync:error=EIO:when=1", "JournalBroken")]
    [InlineData("inject=pwrite64:error=ENOSPC:when=3", "JournalBroken")]
    public async Task They_cost_one_sync_and_none_is_told_as_written_where_it_fails(string fault, string expected)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace, which counts system calls and makes them fail, is not installed.");
        var trace = Path.Combine(folder.Root, "trace");
        string[] injection = fault.Length == 0 ? [] : ["-e", fault];

        var (exit, output) = await Child.RunAsync("strace", [
            "-f", "-qq", "-o", trace, "-P", folder.Path, "-e", "signal=none", "-e", "trace=fsync,pwrite64", .. injection, "dotnet", Child.Program, "append at once", folder.Root, $"{AtOnce}"]);

        exit.ShouldBe(0, output);
        var ended = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        ended.Length.ShouldBe(AtOnce);
        ended.ShouldAllBe(line => line.StartsWith(expected, StringComparison.Ordinal));
        var calls = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        calls.Count(call => call.Contains("fsync(", StringComparison.Ordinal)).ShouldBe(fault.Contains("pwrite64", StringComparison.Ordinal) ? 0 : 1);
        if (expected == "ok")
        {
            calls.Count(call => call.Contains("pwrite64(", StringComparison.Ordinal)).ShouldBe(AtOnce);
        }
    }

    public void Dispose() => folder.Dispose();

    private static int EndOf(byte[] bytes, int lines)
    {
        var end = 0;
        for (var line = 0; line < lines; line++)
        {
            end += bytes.AsSpan(end).IndexOf((byte)'\n') + 1;
        }

        return end;
    }

    private Task AppendAtOnceAsync(params string[] notes) => folder.AppendAtOnceAsync(notes);
}
