namespace DeployOps.Adapters;

/// <summary>Runs the work of one database on worker threads and, when it is closed, stops what runs and waits until it has ended.</summary>
/// <param name="time">Measures the time limit.</param>
internal sealed class DatabaseJobs(TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource closed = new();
    private readonly Lock gate = new();
    private readonly HashSet<Task> running = [];

    /// <summary>The clock that everything here goes by.</summary>
    internal TimeProvider Time => time;

    /// <summary>Runs blocking work that takes a token.</summary>
    /// <param name="work">The work. It has ended when the task has.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="tooLong">The error where it takes longer.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal Task<T> RunAsync<T>(Func<CancellationToken, T> work, TimeSpan limit, Func<DeployOpsException> tooLong, CancellationToken cancellationToken) =>
        RunAsync(token => Task.FromResult(work(token)), limit, tooLong, cancellationToken);

    /// <summary>Runs blocking work that may take as long as it needs.</summary>
    internal Task<T> RunAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken) =>
        RunAsync(token => Task.FromResult(work(token)), cancellationToken);

    /// <summary>Runs work that takes a token.</summary>
    /// <param name="work">The work. It has ended when the task has.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="tooLong">The error where it takes longer.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan limit, Func<DeployOpsException> tooLong, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token, closed.Token);
        var task = Start(() => work(any.Token));
        try
        {
            return await task;
        }
        catch (OperationCanceledException e)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            }

            throw late.IsCancellationRequested && !closed.IsCancellationRequested ? tooLong() : new OperationCanceledException("The database was closed meanwhile.");
        }
        finally
        {
            lock (gate)
            {
                running.Remove(task);
            }
        }
    }

    /// <summary>Runs work that may take as long as it needs.</summary>
    internal Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync(work, Timeout.InfiniteTimeSpan, () => throw new InvalidOperationException("There is no limit to exceed."), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task[] open;
        lock (gate)
        {
            if (closed.IsCancellationRequested)
            {
                return;
            }

            open = [.. running];
            closed.Cancel();
        }

        // Whoever started the work sees how it ended; here it only has to have ended.
        await Task.WhenAll(open).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private Task<T> Start<T>(Func<Task<T>> work)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed.IsCancellationRequested, this);
            var task = Task.Run(work, CancellationToken.None);
            running.Add(task);
            return task;
        }
    }
}
