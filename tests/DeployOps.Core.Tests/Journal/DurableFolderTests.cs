using DeployOps.Core.Tests.Support;

namespace DeployOps.Core.Tests.Journal;

/// <summary>A folder that was made is found again after a power cut: the folder that holds its name is synced, and so on up to the first that was there.</summary>
public sealed class DurableFolderTests : IDisposable
{
    private readonly TempFolder folder = new();

    [Fact]
    public async Task Each_folder_that_is_made_is_synced_in_the_one_above_it_and_no_other_is()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace, which shows what is synced, is not installed.");

        var (exit, output, synced) = await MakeAsync();

        exit.ShouldBe(0, output);
        output.Trim().ShouldBe("made");
        synced.ShouldBe([folder.Root, Path.Combine(folder.Root, "shop"), Path.Combine(folder.Root, "shop", "production")]);
        Directory.Exists(Made).ShouldBeTrue();
    }

    [Fact]
    public async Task One_that_is_there_already_is_not_synced_again()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace, which shows what is synced, is not installed.");
        Directory.CreateDirectory(Made);

        var (_, output, synced) = await MakeAsync();

        output.Trim().ShouldBe("made");
        synced.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_the_disk_refuses_that_is_no_success()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace, which lets a system call fail, is not installed.");

        var (_, output, _) = await MakeAsync("-e", "inject=fsync:error=EIO:when=1");

        output.ShouldContain($"DiskSyncFailed {folder.Root} could not be made durable: Input/output error (error 5).");
    }

    public void Dispose() => folder.Dispose();

    private string Made => Path.Combine(folder.Root, "shop", "production", "windows");

    private async Task<(int Exit, string Output, IReadOnlyList<string> Synced)> MakeAsync(params string[] more)
    {
        var trace = Path.Combine(Path.GetTempPath(), $"deployops-trace-{Guid.NewGuid():N}");
        try
        {
            var (exit, output) = await Child.RunAsync("strace", ["-f", "-qq", "-y", "-o", trace, "-e", "signal=none", "-e", "trace=fsync", .. more, "dotnet", Child.Program, "make", Made]);
            var lines = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
            return (exit, output, [.. lines.Where(line => line.Contains("fsync(", StringComparison.Ordinal)).Select(line => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)])]);
        }
        finally
        {
            File.Delete(trace);
        }
    }
}
