using System.Diagnostics;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Journal;

public sealed class JournalBrokenTests : IDisposable
{
    private const string ChildFolder = "DEPLOYOPS_TEST_BROKEN_JOURNAL";
    private readonly JournalFolder folder = new();

    [Fact]
    public async Task A_journal_that_cannot_be_opened_is_broken_and_stays_so()
    {
        Directory.CreateDirectory(folder.Path);
        var journal = folder.Open();

        var error = await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("first")), "JournalBroken");
        Directory.Delete(folder.Path);
        var again = await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("second")), "JournalBroken");

        error.Message.ShouldContain(folder.Path);
        again.ShouldBeSameAs(error);
        File.Exists(folder.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task A_folder_that_is_gone_breaks_the_journal()
    {
        var journal = folder.Open();
        await journal.AppendAsync(JournalFolder.Note("first"));
        Directory.Move(folder.Root, folder.Root + "-gone");

        try
        {
            var error = await Errors.OfAsync(() => journal.AppendAsync(JournalFolder.Note("second")), "JournalBroken");

            error.InnerException.ShouldBeAssignableTo<IOException>();
        }
        finally
        {
            Directory.Move(folder.Root + "-gone", folder.Root);
        }
    }

    [Fact]
    public async Task An_action_that_fails_leaves_the_thread_to_the_others()
    {
        using var thread = new JournalThread();

        await Should.ThrowAsync<InvalidDataException>(() => thread.RunAsync<int>(() => throw new InvalidDataException()));

        (await thread.RunAsync(() => 7)).ShouldBe(7);
    }

    [Theory]
    [InlineData("fsync", 3, "No space left on device")]
    [InlineData("fsync", 5, "No space left on device")]
    [InlineData("pwrite64", 2, "No space left on device")]
    public async Task A_full_disk_breaks_the_journal_and_nothing_is_tried_again(string call, int at, string cause)
    {
        var strace = Find("strace");
        Assert.SkipWhen(strace is null, "strace, which makes a system call fail, is not installed.");
        // Injection follows the path, so the file has to be there before the child opens it.
        await folder.FillAsync(1);

        var (exit, output) = await RunAsync(strace!, [
            "-f", "-qq", "-o", "/dev/null", "-P", folder.Path, "-e", $"trace={call}", "-e", $"inject={call}:error=ENOSPC:when={at}",
            "dotnet", typeof(JournalBrokenTests).Assembly.Location, "-explicit", "only", "-method", $"{typeof(JournalBrokenTests).FullName}.{nameof(Child_that_appends_until_its_disk_is_full)}"]);

        exit.ShouldBe(0, output);
        var said = await File.ReadAllTextAsync(Path.Combine(folder.Root, "said"), TestContext.Current.CancellationToken);
        said.ShouldContain($"The journal {folder.Path} could not be written");
        said.ShouldContain(cause);
        await folder.Open().AppendAsync(JournalFolder.Note("the next run carries on"));
        JournalVerification.Verify(folder.Path).IsIntact.ShouldBeTrue();
    }

    [Fact(Explicit = true)]
    public async Task Child_that_appends_until_its_disk_is_full()
    {
        var root = Environment.GetEnvironmentVariable(ChildFolder);
        Assert.SkipWhen(root is null, "It runs in a process of its own, under strace.");
        using var thread = new JournalThread();
        var journal = new JournalFile(root!, thread, folder.Redactor, TimeProvider.System);
        DeployOpsException? first = null;
        for (var number = 0; number < 10; number++)
        {
            try
            {
                await journal.AppendAsync(JournalFolder.Note($"child {number}"));
                first.ShouldBeNull("an append after the failed one went on");
            }
            catch (DeployOpsException e)
            {
                first ??= e;
                e.ShouldBeSameAs(first);
            }
        }

        first.ShouldNotBeNull("no append failed").ErrorId.ShouldBe("JournalBroken");
        await File.WriteAllTextAsync(Path.Combine(root!, "said"), first.Message, TestContext.Current.CancellationToken);
    }

    public void Dispose() => folder.Dispose();

    private static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(path => Path.Combine(path, program)).FirstOrDefault(File.Exists);

    private async Task<(int Exit, string Output)> RunAsync(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Root };
        start.Environment[ChildFolder] = folder.Root;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await errors);
    }
}
