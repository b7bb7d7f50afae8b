namespace DeployOps.Migrations.Watching;

/// <summary>Who waits for the migration.</summary>
/// <param name="Count">How many sessions of clients.</param>
/// <param name="Longest">How long the one waits that waits longest.</param>
/// <param name="Applications">What they call themselves, each once; a process number where one has no name.</param>
public sealed record BlockedSessions(int Count, TimeSpan Longest, IReadOnlyList<string> Applications)
{
    /// <summary>Nobody waits.</summary>
    public static BlockedSessions None { get; } = new(0, TimeSpan.Zero, []);

    /// <inheritdoc/>
    public override string ToString() => Count == 0 ? "nobody" : $"{WatchText.Sessions(Count)} ({string.Join(", ", Applications)}) for {WatchText.Time(Longest)}";
}
