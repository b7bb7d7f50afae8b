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
