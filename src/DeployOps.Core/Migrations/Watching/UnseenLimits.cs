namespace DeployOps.Migrations.Watching;

/// <summary>Tells before the first script which limits nobody can keep, since what they speak of cannot be seen.</summary>
internal static class UnseenLimits
{
    /// <summary>Warns of it where something is pending: a gate that does not see is open.</summary>
    internal static async Task TellAsync(DatabaseSpec database, IMigrationTarget target, IReadOnlyList<MigrationScript> pending, IStepReporter reporter, CancellationToken cancellationToken)
    {
        if (pending.Count > 0 && await target.FindUnseenAsync(cancellationToken) is { Count: > 0 } unseen)
        {
            reporter.Warn($"{database.Name}: the watch over the scripts will not see {string.Join("; ", unseen)}. A gate holds for that only where the plan says its limit.");
        }
    }
}
