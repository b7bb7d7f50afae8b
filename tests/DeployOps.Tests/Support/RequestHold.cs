namespace DeployOps.Tests.Support;

/// <summary>Keeps a request of the loopback shop waiting, so that whoever sent it is met at work.</summary>
/// <param name="address">The request's server and path.</param>
/// <param name="after">The request that must have come before; null holds from the first on.</param>
internal sealed class RequestHold(string address, string? after)
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _armed = after is null;

    /// <summary>Ends when a request waits.</summary>
    public Task Met => _met.Task;

    public void Release() => _released.TrySetResult();

    /// <summary>Has a request wait where it is the one that is meant.</summary>
    public Task PassAsync(SeenRequest request)
    {
        _armed |= request.Address == after;
        if (!_armed || request.Address != address)
        {
            return Task.CompletedTask;
        }

        _met.TrySetResult();
        return _released.Task;
    }
}
