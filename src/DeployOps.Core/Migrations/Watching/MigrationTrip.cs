namespace DeployOps.Migrations.Watching;

/// <summary>Why a breaker cancelled.</summary>
/// <param name="Why">The limit and the number that passed it, in words.</param>
/// <param name="Blocked">Who waited.</param>
/// <param name="WhileWaiting">
/// Whether the migration itself only waited for a lock then, with the others behind it in the queue: nothing was done yet, and another try may find the lock free.
/// </param>
/// <param name="At">When, since the script's beginning.</param>
public sealed record MigrationTrip(string Why, BlockedSessions Blocked, bool WhileWaiting, TimeSpan At)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Why}; it blocked {Blocked}{(WhileWaiting ? " while it waited for a lock itself" : "")}";
}
