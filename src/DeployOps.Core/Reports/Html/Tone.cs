namespace DeployOps.Reports.Html;

/// <summary>How a word is meant.</summary>
internal enum Tone
{
    /// <summary>Neither good nor bad, or not over yet.</summary>
    Plain,

    /// <summary>As planned.</summary>
    Good,

    /// <summary>Worth a look: evidence is missing, or production went back as it should.</summary>
    Warn,

    /// <summary>It failed.</summary>
    Bad,
}
