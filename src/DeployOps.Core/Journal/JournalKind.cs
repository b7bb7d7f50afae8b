namespace DeployOps.Journal;

/// <summary>What a line of the execution log tells.</summary>
public enum JournalKind
{
    /// <summary>The window was opened: plan, digest, files, roles.</summary>
    WindowOpened,

    /// <summary>A process took the environment's lock; the epoch rose.</summary>
    LockTaken,

    /// <summary>A person declared the lock's owner lost; the epoch rose.</summary>
    LockLost,

    /// <summary>A phase began.</summary>
    PhaseStarted,

    /// <summary>A phase ended, with its result.</summary>
    PhaseEnded,

    /// <summary>A gate answered.</summary>
    Gate,

    /// <summary>Something was measured or seen before a change: metrics, versions, weights, smoke results.</summary>
    Captured,

    /// <summary>An effect is about to happen.</summary>
    Intent,

    /// <summary>The effect of the last intent for this target happened, or failed.</summary>
    Outcome,

    /// <summary>A look of the watch.</summary>
    CheckIn,

    /// <summary>Something went another way than planned, with the reason somebody gave.</summary>
    Deviation,

    /// <summary>Somebody wrote an issue and how it was resolved.</summary>
    Note,

    /// <summary>Somebody wants the team or the stakeholders to be told something.</summary>
    Notice,

    /// <summary>A channel took a notice.</summary>
    NoticeSent,

    /// <summary>A channel refused a notice and took one after it: it is not sent there again.</summary>
    NoticeRefused,

    /// <summary>Somebody asked forward motion to end: to stop, or to go back.</summary>
    StopRequested,

    /// <summary>A last line that was not whole was set aside.</summary>
    Recovered,
}
