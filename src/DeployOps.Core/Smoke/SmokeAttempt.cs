namespace DeployOps.Smoke;

/// <summary>One run of a smoke file.</summary>
/// <param name="Number">1, or 2 for the confirming run.</param>
/// <param name="Outcome">How it ended: Passed, Failed or Error.</param>
/// <param name="Line">The line of the first thing that failed; 0 where nothing did.</param>
/// <param name="Message">What failed, with what came and what was expected; empty where nothing did.</param>
/// <param name="Duration">From the first request to the last answer.</param>
/// <param name="Requests">The requests sent, retries and redirects counted.</param>
public sealed record SmokeAttempt(int Number, SmokeOutcome Outcome, int Line, string Message, TimeSpan Duration, int Requests)
{
    /// <inheritdoc/>
    public override string ToString() => $"attempt {Number}: {Outcome}{(Line > 0 ? $" at line {Line}" : "")}{(Message.Length > 0 ? $": {Message}" : "")}";
}
