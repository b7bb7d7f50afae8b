using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Windows;

/// <summary>A process that has not read the plan writes what a person typed: a note, a reason.</summary>
public sealed class WindowSecretsTests : IDisposable
{
    private const string Databases = "Databases = @( @{ Name = 'shop'; Kind = 'Sqlite'; ConnectionString = 'Data Source=shop.db;Password=hunter22'; Migrations = 'migrations' } )";

    private Release? opened;

    public void Dispose() => opened?.Dispose();

    [Fact]
    public async Task A_note_keeps_the_secrets_of_the_windows_plan_out()
    {
        var release = await OpenAsync();

        var note = await new WindowNotes(release.Ports()).AddAsync(await release.WindowAsync(), "no login with hunter22", "changed hunter22");

        note.Message.ShouldBe("executor: no login with *** Resolved: changed ***");
        (await LogAsync(release)).ShouldNotContain("hunter22");
    }

    [Fact]
    public async Task A_reason_to_stop_keeps_them_out()
    {
        var release = await OpenAsync();

        await new WindowStopper(release.Ports(), new SilentReporter()).StopAsync(await release.WindowAsync(), "hunter22 does not work", TestContext.Current.CancellationToken);

        var log = await LogAsync(release);
        log.ShouldContain("stopped the window: *** does not work");
        log.ShouldNotContain("hunter22");
    }

    [Theory]
    [InlineData("Authorization: Bearer tok-5f2a9c", "tok-5f2a9c")]
    [InlineData("authorization: Basic YW5uYTpodW50ZXIyMg==", "YW5uYTpodW50ZXIyMg==")]
    [InlineData("authorization: Basic YW5uYTpodW50ZXIyMg==", "hunter22")]
    [InlineData("X-Api-Key: key-771e00", "key-771e00")]
    [InlineData("[BasicAuth]\nanna: hunter22", "hunter22")]
    public async Task A_note_keeps_out_what_the_smoke_files_sign_in_with(string login, string secret)
    {
        var release = opened = await Release.OpenAsync(more: "Smoke = @( 'smoke.hurl' )", files: ("smoke.hurl", $"GET http://127.0.0.1:8102/\n{login}\nHTTP 200\n"));

        var note = await new WindowNotes(release.Ports()).AddAsync(await release.WindowAsync(), $"refused {secret} twice", null);

        note.Message.ShouldBe("executor: refused *** twice");
    }

    [Fact]
    public async Task What_a_smoke_file_signs_in_with_never_masks_a_name_that_the_log_goes_by()
    {
        var release = opened = await Release.OpenAsync(databases: Databases, more: "Smoke = @( 'smoke.hurl' )", files: ("smoke.hurl", "GET http://127.0.0.1:8102/\n[BasicAuth]\nshop: shop\nHTTP 200\n"));

        var note = await new WindowNotes(release.Ports()).AddAsync(await release.WindowAsync(), "shop-2.4.0-1 is slow", null);

        note.Message.ShouldBe("executor: shop-2.4.0-1 is slow");
    }

    [Fact]
    public async Task What_a_smoke_file_signs_in_with_never_masks_the_path_of_the_plan()
    {
        var release = opened = await Release.OpenAsync(more: "Smoke = @( 'smoke.hurl' )", files: ("smoke.hurl", "GET http://127.0.0.1:8102/\n[BasicAuth]\nanna: plan.psd1\nHTTP 200\n"));

        var note = await new WindowNotes(release.Ports()).AddAsync(await release.WindowAsync(), "see plan.psd1", null);

        note.Message.ShouldBe("executor: see plan.psd1");
    }

    [Fact]
    public async Task A_note_is_written_though_the_plan_cannot_be_read()
    {
        var release = await OpenAsync();
        foreach (var kept in Directory.EnumerateFiles(Path.Combine(release.Folder, "files")))
        {
            await File.WriteAllTextAsync(kept, "changed", TestContext.Current.CancellationToken);
        }

        var note = await new WindowNotes(release.Ports()).AddAsync(await release.WindowAsync(), "the kept files are damaged", null);

        note.Kind.ShouldBe(JournalKind.Note);
    }

    private async Task<Release> OpenAsync() => opened = await Release.OpenAsync(databases: Databases);

    private static Task<string> LogAsync(Release release) => File.ReadAllTextAsync(release.Journal().Path, TestContext.Current.CancellationToken);
}
