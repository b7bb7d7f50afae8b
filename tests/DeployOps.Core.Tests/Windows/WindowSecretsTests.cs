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
