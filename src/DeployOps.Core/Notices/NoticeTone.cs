namespace DeployOps.Notices;

/// <summary>How a notice is to be taken, for channels that can show it.</summary>
public enum NoticeTone
{
    /// <summary>Something began or goes on.</summary>
    Neutral,

    /// <summary>Something succeeded.</summary>
    Good,

    /// <summary>Something went back, was stopped or went another way than planned.</summary>
    Warning,

    /// <summary>Something failed; at the worst a person is needed.</summary>
    Bad,
}
