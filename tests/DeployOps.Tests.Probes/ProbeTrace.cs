using System.Collections.Concurrent;

namespace DeployOps.Tests.Probes;

/// <summary>What a probe's worker did; a test makes it, passes it in and reads it afterwards.</summary>
public sealed class ProbeTrace
{
    private int workers;

    /// <summary>The steps in order.</summary>
    public ConcurrentQueue<string> Steps { get; } = new();

    /// <summary>Workers that began and have not ended.</summary>
    public int Workers => Volatile.Read(ref workers);

    /// <summary>Signalled once the worker waits for what never comes.</summary>
    public ManualResetEventSlim Waiting { get; } = new();

    /// <summary>Counts a worker in until it is disposed.</summary>
    public IDisposable Work()
    {
        Interlocked.Increment(ref workers);
        return new Leaving(this);
    }

    private sealed class Leaving(ProbeTrace trace) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref trace.workers);
    }
}
