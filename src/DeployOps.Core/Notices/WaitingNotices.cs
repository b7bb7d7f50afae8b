namespace DeployOps.Notices;

/// <summary>What a channel has not taken yet.</summary>
/// <param name="Channel">The channel's name.</param>
/// <param name="Notices">The notices, oldest first; at least one.</param>
internal sealed record WaitingNotices(string Channel, IReadOnlyList<Notice> Notices);
