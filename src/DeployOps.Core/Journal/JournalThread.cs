using System.Collections.Concurrent;

namespace DeployOps.Journal;

/// <summary>
/// The one thread that writes journals in this process: appends keep their order, and a fault can be injected at the n-th sync.
/// </summary>
public sealed class JournalThread : IDisposable
{
    private readonly BlockingCollection<Action> work = [];
    private readonly Thread thread;

    /// <summary>Starts the thread.</summary>
    public JournalThread()
    {
        thread = new Thread(Loop) { Name = "DeployOps journal", IsBackground = true };
        thread.Start();
    }

    /// <summary>Does this on the thread, after all that was asked before.</summary>
    public Task<T> RunAsync<T>(Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        work.Add(() =>
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

    /// <summary>Ends the thread after what was asked for is done.</summary>
    public void Dispose()
    {
        work.CompleteAdding();
        thread.Join();
        work.Dispose();
    }

    private void Loop()
    {
        foreach (var action in work.GetConsumingEnumerable())
        {
            action();
        }
    }
}
