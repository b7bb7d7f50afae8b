namespace DeployOps.Notices;

/// <summary>What a person wants to be told, as it stands in the log.</summary>
/// <param name="By">Who says it.</param>
/// <param name="Text">What.</param>
/// <param name="Audience">To whom.</param>
internal sealed record PersonalNotice(string By, string Text, IReadOnlyList<NoticeAudience> Audience);
