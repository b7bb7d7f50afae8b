using DeployOps.Core.Tests.Support;
using DeployOps.Phases;
using DeployOps.Reports;

namespace DeployOps.Core.Tests.Reports;

public sealed class DeploymentReportTests : IDisposable
{
    private Release? opened;

    [Fact]
    public async Task Whatever_keeps_a_report_from_being_written_anew_is_warned_of_and_ends_no_command()
    {
        var (release, _) = await OpenAsync();
        var reporter = new ScriptedReporter();

        await new DeploymentReport(release.Ports()).RefreshAsync((await release.WindowAsync()) with { Folder = "no\0folder" }, reporter);

        reporter.Warnings.ShouldHaveSingleItem().ShouldEndWith(" Export-DeploymentReport writes it when that is mended.");
    }

    [Fact]
    public async Task An_earlier_report_is_replaced()
    {
        var (release, path) = await OpenAsync();
        await WriteAsync(release, path);
        var before = await TextAsync(path);
        await release.EndPhaseAsync(DeploymentPhase.Smoke, PhaseOutcome.Succeeded);

        await WriteAsync(release, path);

        (await TextAsync(path)).ShouldNotBe(before);
    }

    [Fact]
    public async Task A_file_that_is_no_report_is_replaced_only_by_force()
    {
        var (release, path) = await OpenAsync();
        await File.WriteAllTextAsync(path, "<html><meta name=\"generator\" content=\"another\"></html>", TestContext.Current.CancellationToken);

        var refused = await Should.ThrowAsync<DeployOpsException>(() => WriteAsync(release, path));
        var kept = await TextAsync(path);
        await WriteAsync(release, path, force: true);

        refused.ErrorId.ShouldBe("ReportOverAnotherFile");
        refused.Message.ShouldBe($"{path} exists and is not a report that DeployOps wrote. Name another file, or replace it with -Force.");
        kept.ShouldContain("another");
        (await TextAsync(path)).ShouldStartWith("<!doctype html>");
    }

    [Theory]
    [InlineData("home/shop/production/windows/shop-2.4.0-1/journal.jsonl")]
    [InlineData("home/shop/production/windows/shop-2.4.0-1/copy.html")]
    [InlineData("home/shop/production/windows/../new.html")]
    [InlineData("home")]
    [InlineData("link/shop/new.html")]
    public async Task Below_the_home_it_is_written_nowhere_else_also_by_force(string name)
    {
        var (release, _) = await OpenAsync();
        Directory.CreateSymbolicLink(Path.Combine(release.Root, "link"), Path.Combine(release.Root, "home"));
        var journal = await TextAsync(Path.Combine(release.Folder, "journal.jsonl"));

        var refused = await Should.ThrowAsync<DeployOpsException>(() => WriteAsync(release, Path.Combine(release.Root, name), force: true));

        refused.ErrorId.ShouldBe("ReportInsideHome");
        refused.Message.ShouldContain($"leave -Path out for the window's own report, {Path.Combine(release.Folder, "report.html")}.");
        (await TextAsync(Path.Combine(release.Folder, "journal.jsonl"))).ShouldBe(journal);
    }

    [Fact]
    public async Task The_windows_own_report_may_be_named()
    {
        var (release, _) = await OpenAsync();
        var own = Path.Combine(release.Folder, "report.html");

        var written = await WriteAsync(release, own);

        written.Path.ShouldBe(own);
        File.Exists(own).ShouldBeTrue();
    }

    [Fact]
    public async Task As_Markdown_it_replaces_a_report_and_nothing_else()
    {
        var (release, path) = await OpenAsync();
        await WriteAsync(release, path);
        await WriteAsync(release, path, format: ReportFormat.Markdown);
        var first = await TextAsync(path);
        await File.WriteAllTextAsync(path, $"# Notes\n{first}", TestContext.Current.CancellationToken);

        var refused = await Should.ThrowAsync<DeployOpsException>(() => WriteAsync(release, path, format: ReportFormat.Markdown));

        first.ShouldStartWith("<!-- generator: DeployOps -->\n\n");
        refused.ErrorId.ShouldBe("ReportOverAnotherFile");
    }

    [Fact]
    public async Task The_windows_own_Markdown_lies_beside_its_page()
    {
        var (release, _) = await OpenAsync();

        var written = await new DeploymentReport(release.Ports()).WriteAsync(await release.WindowAsync(), format: ReportFormat.Markdown);

        written.Path.ShouldBe(Path.Combine(release.Folder, "report.md"));
        (await WriteAsync(release, written.Path, format: ReportFormat.Markdown)).Path.ShouldBe(written.Path);
    }

    public void Dispose() => opened?.Dispose();

    private static async Task<ReportFile> WriteAsync(Release release, string path, bool force = false, ReportFormat format = ReportFormat.Html) =>
        await new DeploymentReport(release.Ports()).WriteAsync(await release.WindowAsync(), path, format, force);

    private static Task<string> TextAsync(string path) => File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);

    private async Task<(Release Release, string Path)> OpenAsync()
    {
        opened = await Release.OpenAsync();
        return (opened, Path.Combine(opened.Root, "exported.html"));
    }
}
