namespace DeployOps;

/// <summary>The sort of fault a <see cref="DeployOpsException"/> tells of.</summary>
public enum FaultKind
{
    /// <summary>The input is wrong: a plan, a file, an argument.</summary>
    InvalidData,

    /// <summary>Something that was named does not exist.</summary>
    NotFound,

    /// <summary>The state does not allow it now: no approval, a phase missing, a window closed.</summary>
    InvalidOperation,

    /// <summary>Somebody else holds it.</summary>
    Busy,

    /// <summary>The system refused: a server, a disk, a script.</summary>
    Failed,

    /// <summary>It did not happen within its time.</summary>
    Timeout,

    /// <summary>It was stopped, or somebody else took over.</summary>
    Stopped,

    /// <summary>It is not allowed: an identity or a policy is against it.</summary>
    Denied,

    /// <summary>It changed or does not add up: a checksum, a digest, a hash chain.</summary>
    Security,
}
