namespace DeployOps.Steps;

/// <summary>The detail of an intent or an outcome.</summary>
/// <param name="State">Where the step stands after this record.</param>
/// <param name="Evidence">What was seen, in words with numbers; null in an intent.</param>
internal sealed record StepRecord(StepState State, string? Evidence = null)
{
    /// <summary>True where a step failed and what it was about is as it was before it; null where that is not known, and where nothing failed.</summary>
    public bool? LeftAsBefore { get; init; }
}
