namespace DeployOps.Smoke;

/// <summary>How one smoke test ended.</summary>
public enum SmokeOutcome
{
    /// <summary>Every request was answered as the file asks.</summary>
    Passed,

    /// <summary>An answer came, and was not what the file asks; again at the confirming run.</summary>
    Failed,

    /// <summary>It could not run: the name does not resolve, the connection or TLS was refused, no answer in time.</summary>
    Error,

    /// <summary>It fails, and failed already on the old version: shown, but no reason to go back.</summary>
    PreExisting,

    /// <summary>It would run; nothing was sent.</summary>
    Planned,
}
