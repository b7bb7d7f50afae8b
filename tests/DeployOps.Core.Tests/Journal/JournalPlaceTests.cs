using System.Diagnostics;
using DeployOps.Core.Tests.Support;
using DeployOps.Journal;

namespace DeployOps.Core.Tests.Journal;

/// <summary>The lock and the log that stay open from one append to the next.</summary>
public sealed class JournalPlaceTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);
    // Longer than what was looked at is taken to be as it was.
    private static readonly TimeSpan ALookLater = TimeSpan.FromMilliseconds(20);

    private readonly JournalFolder folder = new();

    private string Lock => Path.Combine(folder.Root, "journal.lock");

    private string Log => Path.Combine(folder.Root, JournalFile.FileName);

    [Fact]
    public async Task Between_two_appends_the_lock_is_free_for_others()
    {
        var journal = folder.Open();
        await NoteAsync(journal, "first");

        using (HeldFile.TryTake(Lock).ShouldNotBeNull())
        {
            var second = NoteAsync(journal, "second");
            (await Task.WhenAny(second, Task.Delay(Soon, TestContext.Current.CancellationToken))).ShouldNotBe(second);
            journal.Records.Count.ShouldBe(1);
        }

        await NoteAsync(journal, "third");

        journal.Records.Select(record => record.Message).ShouldBe(["first", "second", "third"]);
    }

    [Fact]
    public async Task A_lock_that_was_made_anew_is_the_one_that_counts()
    {
        var journal = folder.Open();
        await NoteAsync(journal, "first");
        File.Delete(Lock);
        await Task.Delay(ALookLater, TestContext.Current.CancellationToken);

        using (HeldFile.TryTake(Lock).ShouldNotBeNull())
        {
            var second = NoteAsync(journal, "second");
            (await Task.WhenAny(second, Task.Delay(Soon, TestContext.Current.CancellationToken))).ShouldNotBe(second);
        }

        await NoteAsync(journal, "third");

        journal.Records.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_log_that_was_brought_back_from_a_copy_is_written_and_not_the_one_that_was_open()
    {
        var journal = folder.Open();
        await NoteAsync(journal, "first");
        File.Copy(Log, Log + ".copy");
        File.Move(Log + ".copy", Log, overwrite: true);
        await Task.Delay(ALookLater, TestContext.Current.CancellationToken);

        await NoteAsync(journal, "second");

        (await folder.OpenWithThread().Journal.RefreshAsync()).Select(record => record.Message).ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task What_another_wrote_between_two_appends_comes_before_the_second()
    {
        var mine = folder.Open();
        var theirs = folder.OpenWithThread().Journal;
        for (var round = 0; round < 50; round++)
        {
            await NoteAsync(mine, "mine");
            await NoteAsync(theirs, "theirs");
        }

        (await mine.RefreshAsync()).Select(record => record.Message).ShouldBe(Enumerable.Repeat((string[])["mine", "theirs"], 50).SelectMany(two => two));
    }

    [Fact]
    public async Task Who_writes_without_a_pause_leaves_others_a_moment_twice_a_second()
    {
        // Whatever else keeps this machine busy: by this clock there is never a pause, and half a second is soon over.
        using var thread = new JournalThread(new SteadyClock(TimeSpan.FromMilliseconds(0.1)));

        var longest = await thread.RunAsync(() =>
        {
            var free = TimeSpan.Zero;
            for (var round = 0; round < 5000; round++)
            {
                var letGo = Stopwatch.GetTimestamp();
                var place = thread.TryTake(folder.Root)!;
                free = TimeSpan.FromTicks(Math.Max(free.Ticks, Stopwatch.GetElapsedTime(letGo).Ticks));
                thread.LetGo(place);
            }

            return free;
        });

        longest.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public async Task After_its_thread_has_ended_nobody_waits_for_a_record_that_nobody_writes()
    {
        var thread = new JournalThread();
        var journal = new JournalFile(folder.Root, thread, new Secrets.Redactor(), TimeProvider.System);
        thread.Dispose();

        for (var time = 0; time < 2; time++)
        {
            await Should.ThrowAsync<ObjectDisposedException>(() => NoteAsync(journal, "late").WaitAsync(TimeSpan.FromSeconds(5)));
        }
    }

    [Fact]
    public async Task Of_two_journals_of_one_process_each_is_written_in_its_place()
    {
        using var other = new JournalFolder();
        using var thread = new JournalThread();
        var journals = new[] { folder.Root, other.Root }.Select(root => new JournalFile(root, thread, new Secrets.Redactor(), TimeProvider.System)).ToList();
        for (var round = 0; round < 3; round++)
        {
            foreach (var journal in journals)
            {
                await NoteAsync(journal, journal.Path);
            }
        }

        foreach (var journal in journals)
        {
            (await journal.RefreshAsync()).Select(record => record.Message).ShouldBe(Enumerable.Repeat(journal.Path, 3));
        }
    }

    [Fact]
    public async Task The_end_of_the_thread_closes_the_files()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc tells on Linux which files are open.");
        using (var thread = new JournalThread())
        {
            await NoteAsync(new JournalFile(folder.Root, thread, new Secrets.Redactor(), TimeProvider.System), "first");
            await thread.RunAsync(() => 0);
            OpenFiles().ShouldBe([Log, Lock], ignoreOrder: true);
        }

        OpenFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_written_while_the_thread_ends_is_closed_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc tells on Linux which files are open.");
        var thread = new JournalThread();
        var journal = new JournalFile(folder.Root, thread, new Secrets.Redactor(), TimeProvider.System);
        using var goOn = new ManualResetEventSlim();
        var waiting = thread.RunAsync(() => goOn.Wait(TimeSpan.FromSeconds(20)));
        var writing = NoteAsync(journal, "last");

        var ending = Task.Run(thread.Dispose, TestContext.Current.CancellationToken);
        await Task.Delay(ALookLater, TestContext.Current.CancellationToken);
        goOn.Set();
        await ending;

        (await waiting).ShouldBeTrue();
        await writing;
        OpenFiles().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_journal_that_nobody_writes_to_is_closed_soon_and_written_again()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc tells on Linux which files are open.");
        var journal = folder.Open();
        await NoteAsync(journal, "first");

        for (var wait = 0; wait < 100 && OpenFiles().Count > 0; wait++)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        OpenFiles().ShouldBeEmpty();
        await NoteAsync(journal, "second");
        journal.Records.Count.ShouldBe(2);
    }

    public void Dispose() => folder.Dispose();

    private static Task<JournalRecord> NoteAsync(JournalFile journal, string message) => journal.AppendAsync(new JournalEntry(JournalKind.Note, message));

    private List<string> OpenFiles() =>
        [.. Directory.GetFiles("/proc/self/fd").Select(link => new FileInfo(link).LinkTarget).OfType<string>().Where(path => path.StartsWith(folder.Root, StringComparison.Ordinal))];

    // Goes on by as much each time it is read.
    private sealed class SteadyClock(TimeSpan step) : TimeProvider
    {
        private long ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => ticks += step.Ticks;
    }
}
