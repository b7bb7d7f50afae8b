namespace DeployOps.Tests.Support;

/// <summary>
/// Keeps the thread pool busy for a moment. A worker that is told to end cannot have ended by then, so a cmdlet that does not wait for its worker is found out,
/// where otherwise the worker would be gone by the time somebody looks.
/// </summary>
internal static class BusyPool
{
    // More than the pool has threads; what is queued later waits behind them.
    private const int Items = 200;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(60);

    /// <summary>Begins the moment, on whatever thread.</summary>
    public static void Begin()
    {
        var over = new ManualResetEventSlim();
        for (var i = 0; i < Items; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => over.Wait(), null);
        }

        new Thread(() =>
        {
            Thread.Sleep(Moment);
            over.Set();
        })
        { IsBackground = true }.Start();
    }
}
