namespace DeployOps.Migrations.States;

/// <summary>How far a replica was when it was waited for.</summary>
/// <param name="Name">The name it connects by.</param>
/// <param name="BytesBehind">How much of what the database had is not in effect on it, in bytes; 0 where all of it is; null where the account may not see that.</param>
/// <param name="Waited">How long that was waited for.</param>
public sealed record ReplicaState(string Name, long? BytesBehind, TimeSpan Waited);
