namespace DeployOps.Migrations.Watching;

/// <summary>How far a replica is behind.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="Bytes">What of the log it has not replayed.</param>
/// <param name="Time">How long ago what it replayed last was written; none where it has replayed everything, whatever the server's own <c>replay_lag</c> still says.</param>
public sealed record ReplicaLag(string Name, long Bytes, TimeSpan Time)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} is {WatchText.Size(Bytes)} and {WatchText.Time(Time)} behind";
}
