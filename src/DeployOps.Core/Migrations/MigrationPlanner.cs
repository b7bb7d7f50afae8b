namespace DeployOps.Migrations;

/// <summary>
/// Decides which scripts a database needs, and whether folder and history belong together. A repeatable script is needed where its text is not the one that ran last; one that is
/// not in the folder any more is not asked for.
/// </summary>
public static class MigrationPlanner
{
    private const int ShortChecksum = 12;

    /// <summary>Reads what a database knows of its scripts and plans the way forward.</summary>
    /// <exception cref="DeployOpsException">What the database answers with.</exception>
    public static async Task<MigrationPlan> PlanAsync(IReadOnlyList<MigrationScript> scripts, IMigrationTarget target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Plan(scripts, await target.ReadHistoryAsync(cancellationToken), await target.ReadBegunAsync(cancellationToken));
    }

    /// <summary>Plans the way forward. Refusals are told in the plan; whether to deviate from one is the caller's decision.</summary>
    /// <param name="scripts">The folder's.</param>
    /// <param name="history">What is applied.</param>
    /// <param name="begun">What was begun and did not end; null for nothing.</param>
    public static MigrationPlan Plan(IReadOnlyList<MigrationScript> scripts, IReadOnlyList<AppliedMigration> history, IReadOnlyList<BegunMigration>? begun = null)
    {
        ArgumentNullException.ThrowIfNull(scripts);
        ArgumentNullException.ThrowIfNull(history);
        var forward = scripts.Where(script => script is { IsUndo: false, IsRepeatable: false }).OrderBy(script => script.Version).ToList();
        var applied = history.Where(row => !row.Version.IsRepeatable).OrderBy(row => row.Version).ToList();
        var known = applied.Select(row => row.Version).ToHashSet();
        var pending = forward.Where(script => !known.Contains(script.Version)).ToList();
        var repeated = scripts.Where(script => script.IsRepeatable && !history.Any(row => row.Version == script.Version && row.IsOf(script))).OrderBy(script => script.Version).ToList();
        var current = applied.LastOrDefault()?.Version;
        var newest = pending.LastOrDefault()?.Version;
        var refusals = new[] { Changed(forward, applied), Gone(forward, applied), Late(pending, current), Forgotten([.. pending, .. repeated], begun ?? []) }.SelectMany(found => found).ToLookup(refusal => refusal.Reason is null);

        return new MigrationPlan
        {
            Pending = [.. pending, .. repeated],
            Applied = [.. history.OrderBy(row => row.Version)],
            Current = current,
            Target = current is null || (newest is not null && newest > current) ? newest : current,
            Refusals = [.. refusals[true]],
            Allowed = [.. refusals[false]],
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
            "Put the applied text back and make the change a new migration.").AllowedBy(script);

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
            $"Give it a version above {current}.").AllowedBy(script);

    // What is pending goes on where it was; what has no script any more would be forgotten, and what is half taken back built upon.
    private static IEnumerable<MigrationRefusal> Forgotten(List<MigrationScript> pending, IReadOnlyList<BegunMigration> begun) =>
        from one in begun
        where one.IsUndo || pending.TrueForAll(script => script.Version != one.Version)
        select new MigrationRefusal(
            "MigrationHalfApplied",
            one.FileName,
            $"{one.FileName} was begun on {one.BegunAt.UtcDateTime:yyyy-MM-dd HH:mm}Z by {one.AppliedBy} and did not end: {(one.Statements == 1 ? "1 statement of it is" : $"{one.Statements} statements of it are")} in effect"
            + (one.IsUndo ? ", so that its version is half taken back." : ", and its script is not in the folder."),
            one.IsUndo
                ? "Run the undo script to its end first, with Invoke-Rollback -Database Down; or mend by hand what it left, and delete its row from the history."
                : "Put the script back, which goes on where it was; or take back by hand what is in effect, and delete its row from the history.");

    private static string Short(string checksum) => checksum.Length <= ShortChecksum ? checksum : checksum[..ShortChecksum];
}
