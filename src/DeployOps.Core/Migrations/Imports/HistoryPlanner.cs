namespace DeployOps.Migrations.Imports;

/// <summary>Decides what the history of a database that is taken in says.</summary>
internal static class HistoryPlanner
{
    /// <summary>The rows of a database that is taken in at a version: every script of the folder up to it counts as applied.</summary>
    internal static IReadOnlyList<AdoptedMigration> Baseline(MigrationVersion version, IReadOnlyList<MigrationScript> scripts, DateTimeOffset at, string by)
    {
        List<AdoptedMigration> rows = [.. Forward(scripts).Where(script => script.Version <= version).Select(script => Of(script, at, by, AdoptionCheck.Baseline))];
        if (rows.TrueForAll(row => row.Row.Version != version))
        {
            rows.Add(WithoutScript(version, "baseline", at, by));
        }

        return rows;
    }

    /// <summary>The rows that follow from what another tool says is in effect.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationChecksumMismatch</c> where a script is another one now; <c>MigrationMissing</c> where one is not in the folder and is not older than all that are.</exception>
    internal static IReadOnlyList<AdoptedMigration> Adopt(IReadOnlyList<ForeignScript> effect, IReadOnlyList<MigrationScript> scripts, Func<ForeignMigration, string> by)
    {
        var forward = Forward(scripts).ToList();
        var rows = new Dictionary<MigrationVersion, AdoptedMigration>();
        foreach (var baseline in effect.Where(script => script.IsBaseline))
        {
            foreach (var row in Baseline(baseline.Version, scripts, baseline.Row.AppliedAt, by(baseline.Row)))
            {
                rows[row.Row.Version] = row;
            }
        }

        foreach (var start in effect.Where(script => script.IsStart))
        {
            foreach (var script in forward.Where(script => script.Version < start.Version))
            {
                rows[script.Version] = Of(script, start.Row.AppliedAt, by(start.Row), AdoptionCheck.Baseline);
            }
        }

        var (changed, missing) = (new List<string>(), new List<string>());
        foreach (var one in effect.Where(script => script is { IsBaseline: false, IsStart: false }))
        {
            var script = scripts.FirstOrDefault(script => !script.IsUndo && script.Version == one.Version);
            if (Row(one, script, forward, by(one.Row), changed, missing) is { } row)
            {
                rows[one.Version] = row;
            }
        }

        Refuse(changed, missing);
        return [.. rows.Values.OrderBy(row => row.Row.Version)];
    }

    // A repeatable script of another text, or gone from the folder, is left out: it runs again, or is not asked for.
    private static AdoptedMigration? Row(ForeignScript one, MigrationScript? script, List<MigrationScript> forward, string by, List<string> changed, List<string> missing)
    {
        var isOther = script is not null && one.IsText is { } isText && !isText(script.Sql);
        if (one.Version.IsRepeatable && (script is null || isOther || one.IsText is null))
        {
            return null;
        }

        if (one.IsCode || script is null)
        {
            if (!one.IsCode && forward.Exists(other => other.Version < one.Version))
            {
                missing.Add($"{one.Version} ({one.Row.Script})");
            }

            return WithoutScript(one.Version, one.Row.Description, one.Row.AppliedAt, by);
        }

        if (isOther)
        {
            changed.Add(script.FileName);
        }

        return Of(script, one.Row.AppliedAt, by, one.IsText is null ? AdoptionCheck.Recorded : AdoptionCheck.Verified);
    }

    private static void Refuse(List<string> changed, List<string> missing)
    {
        if (changed.Count > 0)
        {
            throw new DeployOpsException(
                "MigrationChecksumMismatch",
                FaultKind.Security,
                $"{string.Join(", ", changed)}: another text than the one that was applied, by its checksum in the history.",
                "Put the applied text back and make the change a new migration.")
            { Target = changed[0] };
        }

        if (missing.Count > 0)
        {
            throw new DeployOpsException(
                "MigrationMissing",
                FaultKind.Security,
                $"The history has {string.Join(", ", missing)}, and the folder has older scripts but not these.",
                "Put the scripts back, or check that this folder and this database belong together.")
            { Target = missing[0] };
        }
    }

    private static IEnumerable<MigrationScript> Forward(IReadOnlyList<MigrationScript> scripts) => scripts.Where(script => script is { IsUndo: false, IsRepeatable: false }).OrderBy(script => script.Version);

    private static AdoptedMigration Of(MigrationScript script, DateTimeOffset at, string by, AdoptionCheck check) =>
        new(new AppliedMigration(script.Version, script.Description, script.Checksum, at, by), script.FileName, check);

    private static AdoptedMigration WithoutScript(MigrationVersion version, string description, DateTimeOffset at, string by) =>
        new(new AppliedMigration(version, description, AppliedMigration.NoScript, at, by), "", AdoptionCheck.WithoutScript);
}
