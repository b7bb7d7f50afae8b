namespace DeployOps.Operations;

/// <summary>How much an event of the operations log matters.</summary>
public enum OperationLevel
{
    /// <summary>What a command was at: its progress, at most once a second.</summary>
    Debug,

    /// <summary>A command began, asked or ended.</summary>
    Information,

    /// <summary>Something that needs attention and stopped nothing.</summary>
    Warning,

    /// <summary>Why a command failed.</summary>
    Error,
}
