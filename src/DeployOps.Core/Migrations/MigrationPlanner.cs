namespace DeployOps.Migrations;

/// <summary>Decides which scripts a database needs, and whether folder and history belong together.</summary>
public static class MigrationPlanner
{
    private const int ShortChecksum = 12;

    /// <summary>Plans the way forward. Refusals are told in the plan; whether to deviate from one is the caller's decision.</summary>
    public static MigrationPlan Plan(IReadOnlyList<MigrationScript> scripts, IReadOnlyList<AppliedMigration> history)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentNullException.ThrowIfNull(history);
        var forward = scripts.Where(script => !script.IsUndo).OrderBy(script => script.Version).ToList();
        var applied = history.OrderBy(row => row.Version).ToList();
        var known = applied.Select(row => row.Version).ToHashSet();
        var pending = forward.Where(script => !known.Contains(script.Version)).ToList();
        var current = applied.LastOrDefault()?.Version;
        var newest = pending.LastOrDefault()?.Version;

        return new MigrationPlan
        {
            Pending = pending,
            Applied = applied,
            Current = current,
            Target = current is null || (newest is not null && newest > current) ? newest : current,
            Refusals = [.. Changed(forward, applied), .. Gone(forward, applied), .. Late(pending, current)],
        };
    }

    private static IEnumerable<MigrationRefusal> Changed(List<MigrationScript> forward, List<AppliedMigration> applied) =>
        from script in forward
        join row in applied on script.Version equals row.Version
        where !script.Checksum.Equals(row.Checksum, StringComparison.OrdinalIgnoreCase)
        select new MigrationRefusal(
            "MigrationChecksumMismatch",
            script.FileName,
            $"{script.FileName} changed after it was applied on {row.AppliedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z: {Short(row.Checksum)} then, {Short(script.Checksum)} now.",
            "Put the applied text back and make the change a new migration.");

    private static IEnumerable<MigrationRefusal> Gone(List<MigrationScript> forward, List<AppliedMigration> applied) =>
        from row in applied
        where forward.TrueForAll(script => script.Version != row.Version)
        select new MigrationRefusal(
            "MigrationMissing",
            row.Version.ToString(),
            $"Version {row.Version} ({row.Description}) is applied, but its script is not in the folder.",
            "Put the script back, or check that this folder and this database belong together.");

    private static IEnumerable<MigrationRefusal> Late(List<MigrationScript> pending, MigrationVersion? current) =>
        from script in pending
        where current is not null && script.Version < current
        select new MigrationRefusal(
            "MigrationOutOfOrder",
            script.FileName,
            $"{script.FileName} is older than {current}, the newest version applied.",
            $"Give it a version above {current}.");

    private static string Short(string checksum) => checksum.Length <= ShortChecksum ? checksum : checksum[..ShortChecksum];
}
