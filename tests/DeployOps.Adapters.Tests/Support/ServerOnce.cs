using System.Diagnostics;
using DeployOps.Tests.Shared;

namespace DeployOps.Adapters.Tests.Support;

/// <summary>A server that is made at first use, by whichever test comes first, and ends with the tests.</summary>
/// <param name="start">Makes it and waits until it answers.</param>
internal sealed class ServerOnce(Func<Task<Process>> start) : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private Process? guard;

    internal async Task StartAsync()
    {
        await gate.WaitAsync();
        try
        {
            guard ??= await start();
        }
        finally
        {
            gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (guard is not null)
        {
            await ServerProcess.EndAsync(guard);
        }

        gate.Dispose();
    }
}
