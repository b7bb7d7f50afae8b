using DeployOps.Journal;
using DeployOps.Secrets;

namespace DeployOps.Tests.Child;

/// <summary>Appends to journals while the disk fails, and tells how each append ended.</summary>
internal static class Appender
{
    /// <summary>Appends twice to each folder's journal, each time as a run of its own would, and tells "folder note ended".</summary>
    internal static async Task AppendEachAsync(string[] folders)
    {
        using var thread = new JournalThread();
        foreach (var note in (string[])["first", "second"])
        {
            foreach (var folder in folders)
            {
                var journal = Open(folder, thread);
                var ended = await AppendAsync(journal, note);
                Console.WriteLine($"{Path.GetFileName(folder)} {note} {ended}");
                if (ended != "ok" && await AppendAsync(journal, "tried again") != ended)
                {
                    Console.WriteLine($"{Path.GetFileName(folder)} {note} went on after it had failed");
                }
            }
        }
    }

    /// <summary>Appends so many records while the journal's thread is busy, and tells how each ended.</summary>
    internal static async Task AppendAtOnceAsync(string folder, int count)
    {
        using var thread = new JournalThread();
        using var free = new ManualResetEventSlim();
        var busy = thread.RunAsync(() => free.Wait(TimeSpan.FromMinutes(1)));
        var journal = Open(folder, thread);
        var appends = Enumerable.Range(1, count).Select(number => AppendAsync(journal, $"note {number}")).ToList();
        free.Set();
        await busy;
        foreach (var ended in await Task.WhenAll(appends))
        {
            Console.WriteLine(ended);
        }
    }

    /// <summary>
    /// Lets the disk take none, one, two, … bytes of a record, until it takes all; after each, a run without that limit goes on. Tells "bytes ended".
    /// </summary>
    internal static async Task CutAtEachByteAsync(string folder)
    {
        using var thread = new JournalThread();
        var path = Path.Combine(folder, JournalFile.FileName);
        var ended = "";
        for (var bytes = 0; ended != "ok"; bytes++)
        {
            FileSizeLimit.Set(new FileInfo(path).Length + bytes);
            try
            {
                ended = await AppendAsync(Open(folder, thread), "cut");
            }
            finally
            {
                FileSizeLimit.Lift();
            }

            Console.WriteLine($"{bytes} {ended}");
            Console.WriteLine($"{bytes} {await AppendAsync(Open(folder, thread), "goes on")}");
        }
    }

    /// <summary>Makes a folder as windows get theirs, and tells how that ended.</summary>
    internal static void MakeFolder(string folder)
    {
        try
        {
            DurableFile.CreateFolder(folder);
            Console.WriteLine("made");
        }
        catch (DeployOpsException e)
        {
            Console.WriteLine($"{e.ErrorId} {e.Message}");
        }
    }

    private static JournalFile Open(string folder, JournalThread thread) => new(folder, thread, new Redactor(), new FixedTime());

    private static async Task<string> AppendAsync(JournalFile journal, string note)
    {
        try
        {
            await journal.AppendAsync(new JournalEntry(JournalKind.Note, note));
            return "ok";
        }
        catch (DeployOpsException e)
        {
            // As the end of a process does: .NET forgets an open file where lseek fails on it.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return $"{e.ErrorId} {e.Message}";
        }
    }
}
