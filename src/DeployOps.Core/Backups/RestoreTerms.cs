namespace DeployOps.Backups;

/// <summary>What was agreed about a restore, and whom it asks and tells while it goes on.</summary>
public sealed record RestoreTerms
{
    /// <summary>What somebody agreed to lose; null, the default, where nobody knows what the live database held.</summary>
    public AgreedLoss? Agreed { get; init; }

    /// <summary>Is told what is left to be done by hand, and what is lost beyond what was named. Default: nobody is.</summary>
    public Action<string> Warn { get; init; } = _ => { };

    /// <summary>Is told what is done from now on, such as <c>filling the copy</c>: a restore may take hours. Default: nobody is.</summary>
    public Action<string> Progress { get; init; } = _ => { };

    /// <summary>
    /// Asked each time right before something is done to the live database: before it is closed, exchanged or written over, which may be hours after the beginning. What it throws keeps that
    /// from happening, and the database is as it was before. Default: does nothing.
    /// </summary>
    public Action BeforeReplacing { get; init; } = () => { };
}
