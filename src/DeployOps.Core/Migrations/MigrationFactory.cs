using DeployOps.Migrations.Sql;
using DeployOps.Migrations.Transactions;
using DeployOps.Migrations.Validations;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Migrations;

/// <summary>Builds the scripts and steps of migrations anew, from the approved bytes and what the journal captured.</summary>
internal static class MigrationFactory
{
    /// <summary>The name under which a database's pending versions are captured in the journal.</summary>
    internal static string CaptureName(string database) => $"migration/{database}";

    /// <summary>The name under which is captured what a database was before its migration.</summary>
    internal static string BeforeName(string database) => $"migration-before/{database}";

    /// <summary>The approved scripts of a database, each seen to fit the promise of one transaction.</summary>
    /// <exception cref="DeployOpsException">What the folder's or a script's form is refused for.</exception>
    internal static IReadOnlyList<MigrationScript> Scripts(DatabaseSpec database, ApprovedFiles files)
    {
        if (database.Migrations is null)
        {
            return [];
        }

        return files.Derive($"{database.Kind}:{database.Migrations}", () => Read(database, database.Migrations, files));
    }

    // Read once, however often steps and phases ask: each of a thousand scripts would read them all anew.
    private static IReadOnlyList<MigrationScript> Read(DatabaseSpec database, string folder, ApprovedFiles files)
    {
        var approved = files.In(folder, ".sql").ToDictionary(file => Path.GetFileName(file.FullPath), file => file.Sha256, StringComparer.Ordinal);
        var scripts = MigrationFolder.Parse(Files(folder, files));
        foreach (var script in scripts)
        {
            if (script.RawChecksum != approved[script.FileName])
            {
                throw new DeployOpsException(
                    "MigrationScriptChanged",
                    FaultKind.Security,
                    $"{script.FileName} was changed while it was read: its bytes have another SHA-256 than those that are approved.",
                    "Let nothing write to the scripts meanwhile, then run again.")
                { Target = script.FileName };
            }

            MigrationLint.Check(script, SqlDialects.Of(database.Kind));
        }

        return scripts;
    }

    /// <summary>The approved validation queries of a database, file by file.</summary>
    /// <exception cref="DeployOpsException">What <see cref="ValidationFile.Parse"/> refuses.</exception>
    internal static IReadOnlyList<ValidationQuery> Queries(DatabaseSpec database, ApprovedFiles files) =>
        database.Validations is null ? [] : [.. Files(database.Validations, files).SelectMany(file => ValidationFile.Parse(file, SqlDialects.Of(database.Kind), name => Beside(database.Validations, name, files)))];

    private static ReadOnlyMemory<byte>? Beside(string folder, string name, ApprovedFiles files)
    {
        var path = Path.Combine(folder, name);
        return files.Contains(path) ? files.Bytes(path) : default(ReadOnlyMemory<byte>?);
    }

    // The approved scripts directly within a folder.
    private static IEnumerable<SqlFile> Files(string folder, ApprovedFiles files) => files.In(folder, ".sql").Select(file => SqlFile.From(Path.GetFileName(file.FullPath), file.Open));

    /// <summary>The steps for a database's captured list, in order.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationScriptChanged</c> where a script's bytes are not those that were frozen.</exception>
    internal static IReadOnlyList<IStep> Steps(DatabaseSpec database, MigrationList list, IReadOnlyList<MigrationScript> scripts, MigrationDesk desk)
    {
        RefuseOthers(list, scripts);
        return [.. list.Pending.Select(version => Step(database, version, scripts, desk))];
    }

    /// <summary>The step behind a key, by the plan it was begun with; null where that has no such database.</summary>
    internal static IStep? BegunStep(PhaseContext context, string key) =>
        context.Plan.Databases.FirstOrDefault(database => database.Name == MigrationStep.DatabaseOf(key)) is { } database
            ? Step(database, MigrationStep.VersionOf(key), Scripts(database, context.Files), Desk(context))
            : null;

    /// <summary>Whether the script behind a key is applied whole or not at all, by the plan it was begun with.</summary>
    internal static bool IsOneTransaction(PhaseContext context, string key)
    {
        var database = context.Plan.Databases.First(one => one.Name == MigrationStep.DatabaseOf(key));
        var dialect = SqlDialects.Of(database.Kind);
        var version = MigrationVersion.TryParse(MigrationStep.VersionOf(key));
        var script = Scripts(database, context.Files).First(one => !one.IsUndo && one.Version == version);

        return dialect == SqlDialect.Sqlite || script.Class(dialect).Transaction == MigrationTransaction.Tx;
    }

    internal static MigrationDesk Desk(PhaseContext context) => new(context);

    private static void RefuseOthers(MigrationList list, IReadOnlyList<MigrationScript> scripts)
    {
        foreach (var frozen in list.Scripts)
        {
            var script = scripts.First(one => !one.IsUndo && one.Version == MigrationVersion.TryParse(frozen.Version));
            if (script.RawChecksum != frozen.RawChecksum)
            {
                throw new DeployOpsException(
                    "MigrationScriptChanged",
                    FaultKind.Security,
                    $"{script.FileName} is not what it was when the migration was planned: its bytes have another SHA-256{(script.Checksum == frozen.Checksum ? ", its text differs in line endings only" : "")}.",
                    "Put the script back as it was, or go on with what is on the disk with -Deviation and a reason.")
                { Target = script.FileName };
            }
        }
    }

    private static MigrationStep Step(DatabaseSpec database, string text, IReadOnlyList<MigrationScript> scripts, MigrationDesk desk)
    {
        var version = MigrationVersion.TryParse(text)!;
        return new MigrationStep(
            database.Name,
            scripts.First(script => !script.IsUndo && script.Version == version),
            scripts.FirstOrDefault(script => script.IsUndo && script.Version == version),
            desk);
    }
}
