using System.Text.RegularExpressions;

namespace DeployOps.Migrations.Imports;

/// <summary>Reads what another tool's rows mean: which scripts are in effect.</summary>
internal static class ForeignHistory
{
    // Script0001 - Create orders.sql, 0001_create_orders.sql, V1__create_orders.sql, each perhaps behind the name of a program and its folder.
    private static readonly Regex DbUpForm = new(@"^(.*[./\\])?(Script|V)?_?(?<version>[0-9]+([._][0-9]+)*)[\s_-]+(?<words>.*)\.sql$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase);

    private static readonly string[] FlywayBaselines = ["BASELINE", "SQL_BASELINE", "JDBC_BASELINE"];

    /// <summary>The name of a tool's table where nobody chose another.</summary>
    internal static string DefaultTable(MigrationTool tool) => tool switch
    {
        MigrationTool.Flyway => "flyway_schema_history",
        MigrationTool.DbUp => "schemaversions",
        _ => "changelog",
    };

    /// <summary>The scripts in effect.</summary>
    /// <param name="tool">Whose rows.</param>
    /// <param name="rows">The rows in order.</param>
    /// <param name="scripts">The scripts of the folder, by whose names DbUp's are found.</param>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryFailed</c> where a script failed and nobody repaired it, or <c>MigrationHistoryUnmapped</c> where a row cannot be understood.</exception>
    internal static IReadOnlyList<ForeignScript> InEffect(MigrationTool tool, IReadOnlyList<ForeignMigration> rows, IReadOnlyList<MigrationScript> scripts) => tool switch
    {
        MigrationTool.Flyway => Flyway(rows),
        MigrationTool.DbUp => DbUp(rows, scripts),
        _ => Evolve(rows),
    };

    private static List<ForeignScript> Flyway(IReadOnlyList<ForeignMigration> rows)
    {
        Refuse(rows.Where(row => !row.Succeeded));
        var effect = new Dictionary<MigrationVersion, ForeignScript>();
        foreach (var row in rows.Where(row => row.Kind != "SCHEMA"))
        {
            var version = Version(row);
            if (row.Kind.StartsWith("UNDO", StringComparison.Ordinal) || row.Kind == "DELETE")
            {
                effect.Remove(version);
                continue;
            }

            effect[version] = new ForeignScript(version, row)
            {
                IsBaseline = FlywayBaselines.Contains(row.Kind),
                IsCode = row.Kind is not "SQL",
                IsText = row.Checksum is { } checksum ? text => ForeignChecksums.IsFlyways(checksum, text) : null,
            };
        }

        return [.. effect.Values];
    }

    // Its rows of a failed run stay and are run again; only what never succeeded is open. What is below a start version is never run, the start version itself is.
    private static List<ForeignScript> Evolve(IReadOnlyList<ForeignMigration> rows)
    {
        var effect = new Dictionary<MigrationVersion, ForeignScript>();
        var failed = new Dictionary<MigrationVersion, ForeignMigration>();
        foreach (var row in rows.Where(row => row.Kind is "0" or "4"))
        {
            var version = Version(row);
            if (!row.Succeeded)
            {
                failed[version] = row;
                continue;
            }

            failed.Remove(version);
            effect[version] = new ForeignScript(version, row)
            {
                IsText = string.IsNullOrEmpty(row.Checksum) ? null : text => ForeignChecksums.IsEvolves(row.Checksum, text),
            };
        }

        Refuse(failed.Values);
        return [.. rows.Where(row => row.Kind == "3").Select(row => new ForeignScript(Version(row), row) { IsStart = true }), .. effect.Values];
    }

    // It knows names alone: the same file name, or the same number and words.
    private static List<ForeignScript> DbUp(IReadOnlyList<ForeignMigration> rows, IReadOnlyList<MigrationScript> scripts)
    {
        var found = rows.Select(row => (Row: row, Script: scripts.FirstOrDefault(script => !script.IsUndo && IsNamed(script, row.Script)))).ToList();
        var unknown = found.Where(one => one.Script is null).Select(one => one.Row.Script).ToList();
        return unknown.Count == 0
            ? [.. found.GroupBy(one => one.Script!.Version).Select(group => new ForeignScript(group.Key, group.Last().Row))]
            : throw Unmapped(unknown, "Name the scripts in the folder V<number>__<words>.sql with the number and the words that they had.");
    }

    private static bool IsNamed(MigrationScript script, string name)
    {
        if (name.EndsWith(script.FileName, StringComparison.OrdinalIgnoreCase) && (name.Length == script.FileName.Length || name[^(script.FileName.Length + 1)] is '.' or '/' or '\\'))
        {
            return true;
        }

        var form = DbUpForm.Match(name);
        return form.Success && MigrationVersion.TryParse(form.Groups["version"].Value) == script.Version && Letters(form.Groups["words"].Value).Equals(Letters(script.Description), StringComparison.OrdinalIgnoreCase);
    }

    private static string Letters(string words) => string.Concat(words.Where(char.IsLetterOrDigit));

    private static MigrationVersion Version(ForeignMigration row)
    {
        var text = string.IsNullOrEmpty(row.Version) ? Path.GetFileNameWithoutExtension(row.Script.Replace('\\', '/')) : row.Version;
        return MigrationVersion.TryParse(text) ?? throw Unmapped([row.Script.Length > 0 ? row.Script : text], "Correct or remove that row.");
    }

    private static void Refuse(IEnumerable<ForeignMigration> failed)
    {
        var names = failed.Select(row => row.Script).ToList();
        if (names.Count > 0)
        {
            throw new DeployOpsException(
                "MigrationHistoryFailed",
                FaultKind.InvalidOperation,
                $"The history says that {string.Join(", ", names)} failed, so that nobody knows what of it is in effect.",
                "Finish it or take it back, repair the history with the tool that wrote it, then import.")
            { Target = names[0] };
        }
    }

    private static DeployOpsException Unmapped(List<string> names, string next) =>
        new("MigrationHistoryUnmapped", FaultKind.InvalidData, $"The history has {string.Join(", ", names.Select(name => $"'{name}'"))}, which is no script of the folder.", next) { Target = names[0] };
}
