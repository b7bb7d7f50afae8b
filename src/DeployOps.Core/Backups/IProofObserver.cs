namespace DeployOps.Backups;

/// <summary>Is told of the proof of a backup while it goes on. It may be called from any thread and returns at once.</summary>
public interface IProofObserver
{
    /// <summary>What goes on, or what it waits for.</summary>
    void Progress(string what);

    /// <summary>Where it was restored and what that did to others. Called once it is, also where the proof fails later; not by kinds of databases that restore without a server.</summary>
    void Restored(ProofEvidence evidence);

    /// <summary>What the proof leaves behind and could not take away, in a sentence with what to do. It speaks against nothing that was proven.</summary>
    void Left(string what)
    {
    }

    /// <summary>A secret was made for the proof: nobody is to read it.</summary>
    void Hides(string secret)
    {
    }
}
