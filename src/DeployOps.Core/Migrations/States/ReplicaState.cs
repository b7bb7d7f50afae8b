namespace DeployOps.Migrations.States;

/// <summary>How far a replica was when it was waited for.</summary>
/// <param name="Name">The name it connects by.</param>
/// <param name="BytesBehind">How much of what the database had is not in effect on it, in bytes; 0 where all of it is; null where the account may not see that.</param>
/// <param name="Waited">How long that was waited for.</param>
public sealed record ReplicaState(string Name, long? BytesBehind, TimeSpan Waited)
{
    /// <summary>Whether it is behind on purpose, so that nobody waits for it.</summary>
    public bool IsDelayed { get; init; }

    /// <summary>Whether it is not known to have everything, and is not behind on purpose.</summary>
    public bool IsLate => !IsDelayed && BytesBehind is not 0;
}
