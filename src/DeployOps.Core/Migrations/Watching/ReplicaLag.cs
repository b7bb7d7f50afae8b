namespace DeployOps.Migrations.Watching;

/// <summary>How far a replica is behind.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="Bytes">What of the log it has not replayed.</param>
/// <param name="Time">
/// How long ago what it replayed last was written; none where it has replayed everything, whatever the server's own <c>replay_lag</c> still says. Null where it is behind and nobody
/// says for how long, which is not the same as not at all.
/// </param>
public sealed record ReplicaLag(string Name, long Bytes, TimeSpan? Time)
{
    /// <summary>Why it is not known for how long; empty where it is, or where the server says nothing of it.</summary>
    public string Why { get; init; } = "";

    /// <summary>
    /// Whether it may be longer: the server's own word is older than what it speaks of, and nobody saw when that was written. A replica whose replay has stopped goes on telling of the
    /// milliseconds before.
    /// </summary>
    public bool IsAtLeast { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Time is { } time
        ? $"{Name} is {WatchText.Size(Bytes)} and {(IsAtLeast ? "at least " : "")}{WatchText.Time(time)} behind"
        : $"{Name} is {WatchText.Size(Bytes)} behind, for how long is not known{(Why.Length == 0 ? "" : $": {Why}")}";
}
