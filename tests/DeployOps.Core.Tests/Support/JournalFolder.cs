using DeployOps.Journal;
using DeployOps.Secrets;

namespace DeployOps.Core.Tests.Support;

/// <summary>A window's folder with nothing but its journal; each terminal that opens it has a thread of its own.</summary>
internal sealed class JournalFolder : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<JournalThread> threads = [];

    public string Root => folder.Root;

    public string Path => folder.File(JournalFile.FileName);

    public Redactor Redactor { get; } = new();

    public JournalFile Open(TimeProvider? time = null) => new(Root, NewThread(), Redactor, time ?? TimeProvider.System);

    /// <summary>A terminal with its thread, which a test can keep busy.</summary>
    public (JournalFile Journal, JournalThread Thread) OpenWithThread()
    {
        var thread = NewThread();
        return (new JournalFile(Root, thread, Redactor, TimeProvider.System), thread);
    }

    /// <summary>A terminal on the same thread as another one, as in one process.</summary>
    public JournalFile OpenOnOneThread(TimeProvider? time = null)
    {
        if (threads.Count == 0)
        {
            threads.Add(new JournalThread());
        }

        return new JournalFile(Root, threads[0], Redactor, time ?? TimeProvider.System);
    }

    public static JournalEntry Note(string message) => new(JournalKind.Note, message) { Target = "shop" };

    /// <summary>Writes so many notes and answers the bytes of the journal.</summary>
    public async Task<byte[]> FillAsync(int records)
    {
        var journal = OpenOnOneThread();
        for (var number = 1; number <= records; number++)
        {
            await journal.AppendAsync(Note($"note {number}: sessions 14 -> 17, weights é"));
        }

        return await System.IO.File.ReadAllBytesAsync(Path);
    }

    /// <summary>Writes notes that are synced together.</summary>
    public async Task AppendAtOnceAsync(params string[] notes)
    {
        var (journal, thread) = OpenWithThread();
        await Task.WhenAll(await AtOnceAsync(thread, () => [.. notes.Select(note => journal.AppendAsync(Note(note)))]));
    }

    /// <summary>Asks for appends while the journal's thread is busy, so that it finds them all.</summary>
    public static async Task<List<Task<JournalRecord>>> AtOnceAsync(JournalThread thread, Func<List<Task<JournalRecord>>> ask)
    {
        using var free = new ManualResetEventSlim();
        var busy = thread.RunAsync(() => free.Wait(TimeSpan.FromMinutes(1)));
        var appends = ask();
        free.Set();
        (await busy).ShouldBeTrue();
        return appends;
    }

    private JournalThread NewThread()
    {
        var thread = new JournalThread();
        threads.Add(thread);
        return thread;
    }

    public string[] Aside() => [.. Directory.EnumerateFiles(Root, "journal.torn-*")];

    public void Dispose()
    {
        threads.ForEach(thread => thread.Dispose());
        folder.Dispose();
    }
}
