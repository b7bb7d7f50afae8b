using System.Diagnostics;
using System.Globalization;
using DeployOps.Journal;
using DeployOps.Secrets;
using DeployOps.Windows;
using DeployOps.Windows.Locks;

namespace DeployOps.Tests.Child;

/// <summary>Takes environments' locks against other processes.</summary>
internal static class LockTaker
{
    /// <summary>
    /// Races for each environment that comes in as "at folder", "at" being the moment to begin by the machine's monotonic clock. Answers "won epoch" or
    /// "lost error"; the winner lets go when the next line comes.
    /// </summary>
    internal static async Task RaceAsync(string name)
    {
        EnvironmentLock? held = null;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            held?.Dispose();
            held = null;
            if (line.Length == 0)
            {
                Console.WriteLine("let go");
                continue;
            }

            var (at, folder) = line.Split(' ', 2) is [var first, var second] ? (long.Parse(first, CultureInfo.InvariantCulture), second) : throw new FormatException(line);
            while (Stopwatch.GetTimestamp() < at)
            {
                Thread.SpinWait(10);
            }

            try
            {
                held = await EnvironmentLock.TakeAsync(folder, name, TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
                Console.WriteLine($"won {held.Epoch}");
            }
            catch (DeployOpsException e)
            {
                Console.WriteLine($"lost {e.ErrorId} {e.Message}");
            }
        }
    }

    /// <summary>Holds an environment and, at each line, does an effect and records it, as a step does; tells how that ended.</summary>
    internal static async Task HoldAsync(string folder, string journalFolder)
    {
        using var thread = new JournalThread();
        var journal = new JournalFile(journalFolder, thread, new Redactor(), TimeProvider.System);
        using var held = await EnvironmentLock.TakeAsync(folder, "holder", TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
        Console.WriteLine($"holds {held.Epoch}");
        while (await Console.In.ReadLineAsync() is { } effect)
        {
            Console.WriteLine(await EndOfAsync(async () =>
            {
                held.ThrowIfStale();
                await journal.AppendAsync(new JournalEntry(JournalKind.Intent, effect), held.Epoch);
                await File.WriteAllTextAsync(Path.Combine(journalFolder, effect), "");
            }));
            // A run that does not ask before it writes: the journal refuses it by itself.
            Console.WriteLine(await EndOfAsync(() => journal.AppendAsync(new JournalEntry(JournalKind.Outcome, effect), held.Epoch)));
        }
    }

    private static async Task<string> EndOfAsync(Func<Task> work)
    {
        try
        {
            await work();
            return "ok";
        }
        catch (DeployOpsException e)
        {
            return e.ErrorId;
        }
    }
}
