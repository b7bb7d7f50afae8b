using System.Text;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalTamperTests : IDisposable
{
    private const int Records = 50;
    private const int Seed = 20260305;
    private static readonly int Flips = Environment.GetEnvironmentVariable("DEPLOYOPS_FULL") == "1" ? 100_000 : 20_000;

    private readonly JournalFolder folder = new();

    [Fact]
    public async Task Every_flipped_bit_is_detected()
    {
        var whole = await folder.FillAsync(Records);
        var random = new Random(Seed);
        var unseen = new List<string>();

        for (var flip = 0; flip < Flips; flip++)
        {
            var at = random.Next(whole.Length);
            var bit = random.Next(8);
            whole[at] ^= (byte)(1 << bit);
            var reader = new JournalReader();
            reader.Read(whole);
            var line = whole.AsSpan(0, at).Count((byte)'\n') + 1;
            if (reader.Fault is null || reader.Fault.Line > line)
            {
                unseen.Add($"bit {bit} of byte {at} in line {line}: {reader.Fault}");
            }

            whole[at] ^= (byte)(1 << bit);
        }

        unseen.ShouldBeEmpty();
        Console.WriteLine($"{Flips} bit flips in {Records} records, {Flips - unseen.Count} detected");
    }

    [Theory]
    [InlineData(512, 1024, true)]
    [InlineData(512, 513, false)]
    [InlineData(513, 1024, false)]
    [InlineData(700, 701, false)]
    public async Task Zeros_in_the_last_line_are_torn_where_they_are_whole_sectors_and_changed_elsewhere(int from, int to, bool isTorn)
    {
        await folder.Open().AppendAsync(JournalFolder.Note(new string('n', 1500)));
        var whole = await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken);
        whole.AsSpan(from..to).Clear();

        var reader = new JournalReader();
        var tail = reader.Read(whole);

        (reader.Fault is null).ShouldBe(isTorn);
        tail.Length.ShouldBe(whole.Length);
    }

    [Fact]
    public async Task A_bad_line_refuses_to_be_read_and_written_and_is_named()
    {
        var whole = await folder.FillAsync(5);
        await ReplaceAsync("note 3", "note 8");

        var read = await Errors.OfAsync(() => folder.Open().RefreshAsync(), "JournalCorrupt");
        var write = await Errors.OfAsync(() => folder.Open().AppendAsync(JournalFolder.Note("goes on?")), "JournalCorrupt");

        read.Message.ShouldContain($"{folder.Path}:3 ");
        write.Message.ShouldContain($"{folder.Path}:3 ");
        new FileInfo(folder.Path).Length.ShouldBe(whole.Length);
        JournalVerification.Verify(folder.Path).Fault!.Line.ShouldBe(3);
    }

    [Fact]
    public async Task The_last_whole_line_is_refused_too_when_it_is_wrong()
    {
        await folder.FillAsync(5);
        await ReplaceAsync("note 5", "note 8");

        var error = await Errors.OfAsync(() => folder.Open().AppendAsync(JournalFolder.Note("goes on?")), "JournalCorrupt");

        error.Message.ShouldContain($"{folder.Path}:5 ");
        folder.Aside().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task A_line_taken_out_is_missed(int taken)
    {
        await folder.FillAsync(5);
        var lines = (await File.ReadAllLinesAsync(folder.Path, TestContext.Current.CancellationToken)).ToList();
        lines.RemoveAt(taken);
        await File.WriteAllLinesAsync(folder.Path, lines, TestContext.Current.CancellationToken);

        JournalVerification.Verify(folder.Path).Fault!.Line.ShouldBe(taken + 1);
    }

    [Fact]
    public async Task A_line_with_a_right_sum_in_another_chain_does_not_follow()
    {
        await folder.FillAsync(3);
        using var other = new JournalFolder();
        await other.FillAsync(3);
        await other.Open().AppendAsync(JournalFolder.Note("from another window"));
        var foreign = (await File.ReadAllLinesAsync(other.Path, TestContext.Current.CancellationToken))[3];
        await File.AppendAllTextAsync(folder.Path, foreign + "\n", TestContext.Current.CancellationToken);

        JournalVerification.Verify(folder.Path).Fault.ShouldBe(new JournalFault(4, "it does not follow the line before it"));
    }

    [Fact]
    public async Task A_journal_that_became_shorter_in_use_is_refused()
    {
        var whole = await folder.FillAsync(5);
        var journal = folder.Open();
        await journal.RefreshAsync();
        await File.WriteAllBytesAsync(folder.Path, whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);

        await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("goes on?")), "JournalCorrupt");
        await Errors.OfAsync(() => journal.RefreshAsync(), "JournalCorrupt");
    }

    public void Dispose() => folder.Dispose();

    private async Task ReplaceAsync(string old, string changed)
    {
        var text = await File.ReadAllTextAsync(folder.Path, TestContext.Current.CancellationToken);
        text.ShouldContain(old);
        await File.WriteAllTextAsync(folder.Path, text.Replace(old, changed, StringComparison.Ordinal), new UTF8Encoding(false), TestContext.Current.CancellationToken);
    }
}
