using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace DeployOps.Pipeline;

/// <summary>
/// Runs asynchronous work on a worker while the pipeline's own thread does what only it may: write and ask. It returns after the worker has
/// ended, whatever happened: an action that throws cancels the work, the rest is drained, and then it is thrown on.
/// </summary>
internal sealed class PipelinePump : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private BlockingCollection<PumpAction>? queue;

    /// <summary>Signalled when the pipeline stops, or something downstream broke.</summary>
    internal CancellationToken Token => stop.Token;

    /// <summary>Stops the work. Called from another thread, at any time, more than once.</summary>
    internal void Stop()
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The command ended between the engine's decision to stop and this call.
        }
    }

    /// <summary>Runs the work to its end.</summary>
    internal void Run(Func<Task> work)
    {
        using var actions = new BlockingCollection<PumpAction>();
        queue = actions;
        // No token: work that is already asked for runs, and itself notices that it shall stop.
        var worker = Task.Run(work, CancellationToken.None);
        _ = worker.ContinueWith(_ => actions.CompleteAdding(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        var broken = Drain(actions);
        queue = null;
        broken?.Throw();
        worker.GetAwaiter().GetResult();
    }

    /// <summary>Has an action done on the pipeline's thread without waiting for it. Dropped where the pump has ended.</summary>
    internal void Post(Action action) => Add(new PumpAction(action, () => { }));

    /// <summary>Has an action done on the pipeline's thread and waits for its answer.</summary>
    /// <exception cref="OperationCanceledException">The pipeline stopped or broke, so nobody will answer.</exception>
    internal Task<T> AskAsync<T>(Func<T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new PumpAction(() => answer.TrySetResult(question()), () => answer.TrySetCanceled(CancellationToken.None)));

        return answer.Task;
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();

    private void Add(PumpAction action)
    {
        try
        {
            (queue ?? throw new InvalidOperationException("The pump is not running.")).Add(action, CancellationToken.None);
        }
        catch (Exception e) when (e is InvalidOperationException or ObjectDisposedException)
        {
            // Whoever still speaks after the work has ended is not heard.
            action.Abandon();
        }
    }

    // No token here: while the worker is alive its actions must be drained, or it would wait for ever.
    private ExceptionDispatchInfo? Drain(BlockingCollection<PumpAction> actions)
    {
        ExceptionDispatchInfo? broken = null;
        foreach (var action in actions.GetConsumingEnumerable(CancellationToken.None))
        {
            if (broken is not null)
            {
                action.Abandon();
                continue;
            }

            try
            {
                action.Do();
            }
            catch (Exception e)
            {
                broken = ExceptionDispatchInfo.Capture(e);
                Stop();
                action.Abandon();
            }
        }

        return broken;
    }
}
