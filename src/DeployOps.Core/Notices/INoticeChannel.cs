namespace DeployOps.Notices;

/// <summary>Takes notices to people.</summary>
public interface INoticeChannel
{
    /// <summary>Sends one, trying again for some seconds where that may help, and returns once it was taken.</summary>
    /// <exception cref="DeployOpsException">
    /// <c>NoticeRefused</c>: what it holds is refused, and would be again. Any other: it was not taken, and may be sent again with the same key.
    /// </exception>
    Task SendAsync(Notice notice, CancellationToken cancellationToken);
}
