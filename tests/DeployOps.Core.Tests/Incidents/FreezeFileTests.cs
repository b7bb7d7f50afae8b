using DeployOps.Core.Tests.Support;

namespace DeployOps.Incidents;

public sealed class FreezeFileTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly ScaledTime clock = new(1);

    private string Path => folder.File("freeze.json");

    [Fact]
    public async Task Without_a_file_nothing_is_frozen() => (await AskAsync()).ShouldBeEmpty();

    [Fact]
    public async Task A_freeze_is_told_with_its_reason_and_its_end()
    {
        Write("""{ "reason": "the payment provider is down", "until": "2026-03-05T23:00:00+01:00" }""");

        (await AskAsync()).ShouldHaveSingleItem().ToString().ShouldBe("freeze.json: the payment provider is down (until 2026-03-05 22:00:00 UTC)");
    }

    [Theory]
    [InlineData("2026-03-05T19:59:59Z", 0)]
    [InlineData("2026-03-05T20:30:00Z", 1)]
    public async Task Its_time_over_a_freeze_is_none_any_more(string until, int expected)
    {
        Write($$"""{ "reason": "stocktaking", "until": "{{until}}" }""");

        (await AskAsync()).Count.ShouldBe(expected);
    }

    [Theory]
    [InlineData("Freeze.json")]
    [InlineData("FREEZE.JSON")]
    public async Task Who_writes_the_name_otherwise_means_it_all_the_same(string name)
    {
        await File.WriteAllTextAsync(folder.File(name), """{ "reason": "stocktaking", "until": "2026-03-05T22:00:00Z" }""", TestContext.Current.CancellationToken);

        (await AskAsync()).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("frozen!")]
    [InlineData("[]")]
    [InlineData("""{ "reason": "stocktaking" }""")]
    [InlineData("""{ "until": "2026-03-05T22:00:00Z" }""")]
    [InlineData("""{ "reason": " ", "until": "2026-03-05T22:00:00Z" }""")]
    [InlineData("""{ "reason": "stocktaking", "until": "tomorrow" }""")]
    [InlineData("""{ "reason": "stocktaking", "until": "2026-03-05T22:00:00" }""")]
    [InlineData("""{ "reason": "stocktaking", "until": "2026-03-05" }""")]
    [InlineData("""{ "reason": 7, "until": "2026-03-05T22:00:00Z" }""")]
    public async Task What_cannot_be_understood_is_not_taken_for_clear(string text)
    {
        Write(text);

        (await Errors.OfAsync(AskAsync, "FreezeFileUnreadable")).Message.ShouldContain(Path);
    }

    [Fact]
    public async Task A_folder_that_is_gone_is_not_taken_for_clear()
    {
        var source = new FreezeFile(new IncidentSpec { Kind = "File", Path = folder.File("share/freeze.json") }, clock);

        await Errors.OfAsync(() => source.FindOpenAsync(CancellationToken.None), "FreezeFileUnreadable");
    }

    [Fact]
    public async Task What_is_larger_than_any_reason_is_not_read()
    {
        Write(new string(' ', 70_000));

        (await Errors.OfAsync(AskAsync, "FreezeFileUnreadable")).Message.ShouldContain("70000 bytes");
    }

    [Fact]
    public async Task A_byte_order_mark_does_not_matter()
    {
        await File.WriteAllTextAsync(Path, """{ "reason": "stocktaking", "until": "2026-03-05T22:00:00Z" }""", new System.Text.UTF8Encoding(true), TestContext.Current.CancellationToken);

        (await AskAsync()).Count.ShouldBe(1);
    }

    public void Dispose() => folder.Dispose();

    private Task<IReadOnlyList<Incident>> AskAsync() => new FreezeFile(new IncidentSpec { Kind = "File", Path = Path }, clock).FindOpenAsync(CancellationToken.None);

    private void Write(string text) => File.WriteAllText(Path, text);
}
