namespace DeployOps.Checks;

/// <summary>What checks are written as.</summary>
public enum CheckFormat
{
    /// <summary>XML as JUnit writes it, which CI servers show.</summary>
    JUnit,

    /// <summary>The Test Anything Protocol, version 13: a line a check.</summary>
    Tap,
}
