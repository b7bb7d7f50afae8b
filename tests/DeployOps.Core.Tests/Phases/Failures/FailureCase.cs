namespace DeployOps.Core.Tests.Phases.Failures;

/// <summary>One way in which a phase can fail.</summary>
/// <param name="Name">The way, in words.</param>
/// <param name="Id">The error's id.</param>
/// <param name="Fail">Brings it about and answers the error that an operator gets.</param>
/// <param name="Message">The whole message, with <c>~</c> for the release's folder and <c>#</c> for what differs from run to run.</param>
internal sealed record FailureCase(string Name, string Id, Func<Stage, Task<DeployOpsException>> Fail, string Message)
{
    /// <summary>The id of what lies behind the error, where the error has one of its own.</summary>
    public string? Cause { get; init; }
}
