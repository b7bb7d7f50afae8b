namespace DeployOps.Notices;

/// <summary>Takes notices to people.</summary>
public interface INoticeChannel
{
    /// <summary>Sends one, trying again for some seconds where that may help, and returns once it was taken.</summary>
    /// <exception cref="DeployOpsException">It was not taken. It may be sent again with the same key.</exception>
    Task SendAsync(Notice notice, CancellationToken cancellationToken);
}
