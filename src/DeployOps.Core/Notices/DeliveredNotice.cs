namespace DeployOps.Notices;

/// <summary>That a channel took a notice, or refused it for good, as it stands in the log beside the channel's name.</summary>
/// <param name="Key">The notice's key.</param>
/// <param name="Title">What happened, in one line.</param>
internal sealed record DeliveredNotice(string Key, string Title);
