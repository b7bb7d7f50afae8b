using DeployOps.Core.Tests.Support;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalRecoveryTests : IDisposable
{
    private const int Records = 6;
    private readonly JournalFolder folder = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cut_at_any_byte_of_the_last_three_records_it_goes_on_and_says_so(bool isFilledWithZeros)
    {
        var whole = await folder.FillAsync(Records);
        var ends = Ends(whole);

        for (var cut = ends[^4]; cut < whole.Length; cut++)
        {
            await WriteAsync(whole, cut, isFilledWithZeros ? whole.Length - cut : 0);

            var records = await AppendAsync();

            var lines = ends.Count(end => end <= cut);
            var isOnlyWithoutNewline = !isFilledWithZeros && ends.Contains(cut + 1);
            var isTorn = !isOnlyWithoutNewline && (isFilledWithZeros || !ends.Contains(cut));
            records.Take(lines).Select(record => record.Hash).ShouldBe(HashesOf(whole, lines), $"cut at {cut}");
            records.Skip(lines).Select(record => record.Kind).ShouldBe(
                isTorn ? [JournalKind.Recovered, JournalKind.Note] : isOnlyWithoutNewline ? [JournalKind.Note, JournalKind.Note] : [JournalKind.Note], $"cut at {cut}");
            folder.Aside().Length.ShouldBe(isTorn ? 1 : 0, $"cut at {cut}");
        }
    }

    [Fact]
    public async Task What_was_set_aside_is_kept_and_named()
    {
        var whole = await folder.FillAsync(3);
        var ends = Ends(whole);
        await WriteAsync(whole, ends[1] + 40, 0);

        var records = await AppendAsync();

        var recovered = records.Single(record => record.Kind == JournalKind.Recovered);
        var aside = folder.Aside().ShouldHaveSingleItem();
        recovered.Data!["bytes"]!.GetValue<int>().ShouldBe(40);
        recovered.Data["keptIn"]!.GetValue<string>().ShouldBe(Path.GetFileName(aside));
        (await File.ReadAllBytesAsync(aside, TestContext.Current.CancellationToken)).ShouldBe(whole[ends[1]..(ends[1] + 40)]);
    }

    [Fact]
    public async Task Two_torn_lines_in_one_moment_are_both_kept()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(ScaledTime.Day);
        var journal = folder.Open(clock);
        await journal.AppendAsync(JournalFolder.Note("whole"));
        foreach (var torn in (string[])["{\"seq\":2 first", "{\"seq\":3 second"])
        {
            await File.AppendAllTextAsync(folder.Path, torn, TestContext.Current.CancellationToken);
            await journal.AppendAsync(JournalFolder.Note("goes on"));
        }

        folder.Aside().Select(File.ReadAllText).Order().ShouldBe(["{\"seq\":2 first", "{\"seq\":3 second"]);
    }

    [Fact]
    public async Task A_line_that_is_still_being_written_is_left_for_the_next_look()
    {
        var whole = await folder.FillAsync(3);
        var ends = Ends(whole);
        await WriteAsync(whole, ends[2] - 10, 0);
        var reader = folder.Open();

        var before = await reader.RefreshAsync();
        await WriteAsync(whole, whole.Length, 0);
        var after = await reader.RefreshAsync();

        before.Count.ShouldBe(2);
        after.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Reading_alone_changes_no_byte()
    {
        var whole = await folder.FillAsync(3);
        await WriteAsync(whole, whole.Length - 25, 0);
        var before = await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken);

        await folder.Open().RefreshAsync();
        var verification = JournalVerification.Verify(folder.Path);

        verification.IsIntact.ShouldBeTrue();
        verification.TornBytes.ShouldBeGreaterThan(0);
        (await File.ReadAllBytesAsync(folder.Path, TestContext.Current.CancellationToken)).ShouldBe(before);
    }

    public void Dispose() => folder.Dispose();

    private static List<int> Ends(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length).Where(at => bytes[at] == '\n').Select(at => at + 1)];

    private static IEnumerable<string> HashesOf(byte[] whole, int lines)
    {
        var reader = new JournalReader();
        reader.Read(whole);
        return reader.Records.Take(lines).Select(record => record.Hash);
    }

    private async Task WriteAsync(byte[] whole, int cut, int zeros)
    {
        foreach (var aside in folder.Aside())
        {
            File.Delete(aside);
        }

        await File.WriteAllBytesAsync(folder.Path, [.. whole[..cut], .. new byte[zeros]], TestContext.Current.CancellationToken);
    }

    private async Task<IReadOnlyList<JournalRecord>> AppendAsync()
    {
        await folder.OpenOnOneThread().AppendAsync(JournalFolder.Note("goes on"));
        return await folder.OpenOnOneThread().RefreshAsync();
    }
}
