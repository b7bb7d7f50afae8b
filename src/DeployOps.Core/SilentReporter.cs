namespace DeployOps;

/// <summary>Nobody listens and nobody answers: an unattended run.</summary>
public sealed class SilentReporter : IStepReporter
{
    /// <inheritdoc/>
    public void Progress(string activity, string status, int? percent = null)
    {
    }

    /// <inheritdoc/>
    public void Warn(string message)
    {
    }

    /// <inheritdoc/>
    public Task<bool?> AskAsync(string question, CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

    /// <inheritdoc/>
    public Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken) => Task.FromResult<bool?>(null);

    /// <inheritdoc/>
    public Task<string?> AskTextAsync(string question, CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
