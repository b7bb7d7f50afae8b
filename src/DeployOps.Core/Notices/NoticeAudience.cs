namespace DeployOps.Notices;

/// <summary>Who reads a channel.</summary>
public enum NoticeAudience
{
    /// <summary>Those who carry the release out: they are told of each phase, deviation and change of state.</summary>
    Team,

    /// <summary>Those who wait for it: they are told when it begins, is complete, went back or was stopped.</summary>
    Stakeholders,
}
