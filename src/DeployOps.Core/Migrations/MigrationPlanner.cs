namespace DeployOps.Migrations;

/// <summary>
/// Decides which scripts a database needs, and whether folder and history belong together. A repeatable script is needed where its text is not the one that ran last; one that is
/// not in the folder any more is not asked for.
/// </summary>
public static class MigrationPlanner
{
    private const int ShortChecksum = 12;

    /// <summary>Plans the way forward. Refusals are told in the plan; whether to deviate from one is the caller's decision.</summary>
    public static MigrationPlan Plan(IReadOnlyList<MigrationScript> scripts, IReadOnlyList<AppliedMigration> history)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentNullException.ThrowIfNull(history);
        var forward = scripts.Where(script => script is { IsUndo: false, IsRepeatable: false }).OrderBy(script => script.Version).ToList();
        var applied = history.Where(row => !row.Version.IsRepeatable).OrderBy(row => row.Version).ToList();
        var known = applied.Select(row => row.Version).ToHashSet();
        var pending = forward.Where(script => !known.Contains(script.Version)).ToList();
        var repeated = scripts.Where(script => script.IsRepeatable && !history.Any(row => row.Version == script.Version && row.IsOf(script))).OrderBy(script => script.Version);
        var current = applied.LastOrDefault()?.Version;
        var newest = pending.LastOrDefault()?.Version;

        return new MigrationPlan
        {
            Pending = [.. pending, .. repeated],
            Applied = [.. history.OrderBy(row => row.Version)],
            Current = current,
            Target = current is null || (newest is not null && newest > current) ? newest : current,
            Refusals = [.. Changed(forward, applied), .. Gone(forward, applied), .. Late(pending, current)],
        };
    }

    private static IEnumerable<MigrationRefusal> Changed(List<MigrationScript> forward, List<AppliedMigration> applied) =>
        from script in forward
        join row in applied on script.Version equals row.Version
        where !row.IsWithoutScript && !row.IsOf(script)
        select new MigrationRefusal(
            "MigrationChecksumMismatch",
            script.FileName,
            $"{script.FileName} changed after it was applied on {row.AppliedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z: {Short(row.Checksum)} then, {Short(script.Checksum)} now.",
            "Put the applied text back and make the change a new migration.");

    private static IEnumerable<MigrationRefusal> Gone(List<MigrationScript> forward, List<AppliedMigration> applied) =>
        from row in applied
        where !row.IsWithoutScript && forward.TrueForAll(script => script.Version != row.Version)
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
