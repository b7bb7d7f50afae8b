namespace DeployOps.Notices;

/// <summary>Takes notices to people.</summary>
public interface INoticeChannel
{
    /// <summary>Sends one, trying again for some seconds where that may help, and returns once it was taken.</summary>
    /// <returns>Whom of its receivers it does not reach though it was taken, as a sentence; null where it reaches all.</returns>
    /// <exception cref="DeployOpsException">
    /// <c>NoticeRefused</c>: this one is refused, for what it holds or for how the channel is set, and others may be taken. Any other: it was not taken, and may be sent again with the same key;
    /// of the kind <see cref="FaultKind.Timeout"/> where nobody answered.
    /// </exception>
    Task<string?> SendAsync(Notice notice, CancellationToken cancellationToken);
}
