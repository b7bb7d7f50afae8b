using DeployOps.Incidents;

namespace DeployOps.Core.Tests.Support;

/// <summary>Tells of the incidents a test has put into it, or fails as it says.</summary>
internal sealed class FakeIncidents : IIncidentSource
{
    public List<Incident> Open { get; } = [];

    /// <summary>How often it fails before it answers.</summary>
    public int Failures { get; set; }

    /// <summary>How it fails.</summary>
    public string ErrorId { get; set; } = "GitHubUnreachable";

    public int Asked { get; private set; }

    /// <summary>Done before it answers.</summary>
    public Func<CancellationToken, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    public async Task<IReadOnlyList<Incident>> FindOpenAsync(CancellationToken cancellationToken)
    {
        Asked++;
        await BeforeAnswer(cancellationToken);
        return Asked <= Failures
            ? throw new DeployOpsException(ErrorId, FaultKind.Failed, "api.github.com does not answer: connection refused.", "See that it can be reached from here.")
            : [.. Open];
    }
}
