using DeployOps.Gates;

namespace DeployOps.Steps;

/// <summary>
/// One reversible change. It is rebuilt from plan and journal in whatever process needs it, so it holds no state of its own.
/// Doing and undoing are idempotent: after a crash they may run again.
/// </summary>
public interface IStep
{
    /// <summary>What it is, in the journal's words.</summary>
    StepIdentity Identity { get; }

    /// <summary>Makes the change and sees that it is so. Returns what was seen, in words with numbers.</summary>
    Task<string> DoAsync(CancellationToken cancellationToken);

    /// <summary>Asks whether the change is in effect, changing nothing.</summary>
    Task<GateResult> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Takes the change back and sees that it is so. Returns what was seen.</summary>
    Task<string> UndoAsync(CancellationToken cancellationToken);
}
