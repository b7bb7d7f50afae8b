namespace DeployOps.Backups;

/// <summary>Nobody wants to know.</summary>
public sealed class SilentProof : IProofObserver
{
    /// <inheritdoc/>
    public void Progress(string what)
    {
    }

    /// <inheritdoc/>
    public void Restored(ProofEvidence evidence)
    {
    }
}
