namespace DeployOps.Windows;

/// <summary>Where a window stands.</summary>
public enum WindowState
{
    /// <summary>Under -WhatIf: the window does not exist.</summary>
    Planned,

    /// <summary>Forward steps may go on.</summary>
    Open,

    /// <summary>A rollback was begun and has not ended.</summary>
    RollingBack,

    /// <summary>Every phase passed and the report is written.</summary>
    Completed,

    /// <summary>Production is back on the old version.</summary>
    RolledBack,

    /// <summary>Going back failed: a person is needed. Invoke-Rollback may be tried again.</summary>
    RollbackFailed,

    /// <summary>Somebody stopped it; nothing went back. Invoke-Rollback still may.</summary>
    Stopped,
}
