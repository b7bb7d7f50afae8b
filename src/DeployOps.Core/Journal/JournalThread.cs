using System.Collections.Concurrent;

namespace DeployOps.Journal;

/// <summary>
/// The one thread that writes journals in this process: appends keep their order, and a fault can be injected at the n-th sync. It keeps the journal that was written last open.
/// </summary>
public sealed class JournalThread : IDisposable
{
    // Others try every 10 ms: who wrote without a pause would leave them no moment to find the lock free.
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan NoPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    // An open file keeps its disk from being unmounted.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<Action> work = [];
    private readonly Thread thread;
    private readonly TimeProvider time;

    // Of its own, so that what is written waits with no limit of time, which costs microseconds.
    private readonly Timer idle;

    // Of the thread alone: the journal that was written last, let go and still open.
    private JournalPlace? kept;
    private long turnBegan;
    private long letGoAt;

    /// <summary>Starts the thread.</summary>
    public JournalThread()
        : this(TimeProvider.System)
    {
    }

    internal JournalThread(TimeProvider time)
    {
        this.time = time;
        thread = new Thread(Loop) { Name = "DeployOps journal", IsBackground = true };
        thread.Start();
        idle = new Timer(_ => Post(CloseIdle), state: null, Idle, Idle);
    }

    /// <summary>Does this on the thread, after all that was asked before.</summary>
    public Task<T> RunAsync<T>(Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(action());
            }
            catch (Exception e)
            {
                // It belongs to whoever awaits this one action; the thread serves the others.
                done.SetException(e);
            }
        });

        return done.Task;
    }

    /// <summary>The same for what throws nothing and is awaited otherwise.</summary>
    internal void Post(Action action) => work.Add(action);

    /// <summary>On the thread: takes the journal in a folder, or answers null where somebody else has it.</summary>
    /// <exception cref="IOException">As of <see cref="JournalPlace.TryTake"/>.</exception>
    internal JournalPlace? TryTake(string folder)
    {
        LeaveOthersATurn();
        if (kept is { } open)
        {
            kept = null;
            if (open.Folder == folder && open.TryTakeAgain())
            {
                return open;
            }

            open.Dispose();
        }

        return JournalPlace.TryTake(folder);
    }

    /// <summary>On the thread: lets go what was taken, after all of it was written.</summary>
    internal void LetGo(JournalPlace taken)
    {
        letGoAt = time.GetTimestamp();
        if (taken.TryLetGo())
        {
            kept = taken;
        }
        else
        {
            taken.Dispose();
        }
    }

    /// <summary>Ends the thread after what was asked for is done.</summary>
    public void Dispose()
    {
        // Until it asks for nothing any more.
        using (var ended = new ManualResetEvent(initialState: false))
        {
            _ = idle.Dispose(ended) && ended.WaitOne();
        }

        work.CompleteAdding();
        thread.Join();
        work.Dispose();
    }

    private void LeaveOthersATurn()
    {
        if (time.GetElapsedTime(letGoAt) < NoPause)
        {
            if (time.GetElapsedTime(turnBegan) < LongestTurn)
            {
                return;
            }

            // The one thread whose whole work are journals may wait; nobody's continuation runs here.
            using var never = new ManualResetEventSlim();
            never.Wait(Pause);
        }

        turnBegan = time.GetTimestamp();
    }

    private void CloseIdle()
    {
        if (kept is { } open && time.GetElapsedTime(letGoAt) >= Idle)
        {
            kept = null;
            open.Dispose();
        }
    }

    private void Loop()
    {
        foreach (var action in work.GetConsumingEnumerable())
        {
            action();
        }

        kept?.Dispose();
    }
}
