namespace DeployOps.Smoke.Running;

/// <summary>Why a request of a smoke file did not pass, on its way to the attempt's result.</summary>
/// <param name="outcome">Failed, or Error where it could not run.</param>
/// <param name="message">What came and what was expected.</param>
internal sealed class SmokeFault(SmokeOutcome outcome, string message) : Exception(message)
{
    /// <summary>What the message begins with where it is the status that was not expected.</summary>
    internal const string StatusWord = "status:";

    /// <summary>Failed, or Error where it could not run.</summary>
    public SmokeOutcome Outcome { get; } = outcome;

    /// <summary>The line it is about; 0 for the line that was being worked on.</summary>
    public int Line { get; init; }
}
