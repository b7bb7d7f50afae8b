using System.Text.RegularExpressions;
using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations;

/// <summary>Reads the scripts of a migrations folder: <c>V2_4_0_1__add_orders_status.sql</c> applies, <c>U2_4_0_1__….sql</c> undoes it, <c>R__totals.sql</c> is run again whenever its text changes.</summary>
public static class MigrationFolder
{
    private static readonly Regex FileForm = new("^((?<kind>[VU])(?<version>[0-9]+([._][0-9]+)*)|(?<kind>R))__(?<words>.*[A-Za-z0-9].*)\\.(?i:sql)$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    /// <summary>Reads the folder on disk.</summary>
    /// <exception cref="DeployOpsException"><c>SqlFolderMissing</c> and those of <see cref="Parse"/>.</exception>
    public static async Task<IReadOnlyList<MigrationScript>> LoadAsync(string folder, CancellationToken cancellationToken) =>
        Parse(await SqlFile.ReadFolderAsync(folder, cancellationToken));

    /// <summary>
    /// Reads scripts, each once for its hashes, by version, an undo script after what it undoes, those that are run again last by name. Files that do not end in <c>.sql</c> are left out.
    /// </summary>
    /// <exception cref="DeployOpsException">
    /// <c>MigrationNameInvalid</c>, <c>SqlFileUnreadable</c>, <c>MigrationEncodingInvalid</c>, <c>MigrationVersionDuplicate</c> or <c>MigrationUndoWithoutVersion</c>.
    /// </exception>
    public static IReadOnlyList<MigrationScript> Parse(IEnumerable<SqlFile> files)
    {
        var scripts = Read(files);
        if (Disorder(scripts).FirstOrDefault(one => one.Reason is null) is { } disorder)
        {
            throw new DeployOpsException(disorder.ErrorId, FaultKind.InvalidData, disorder.Message, disorder.NextStep) { Target = disorder.Subject };
        }

        return scripts;
    }

    /// <summary>The same in whatever order the scripts stand to each other.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationNameInvalid</c>, <c>SqlFileUnreadable</c> or <c>MigrationEncodingInvalid</c>.</exception>
    internal static IReadOnlyList<MigrationScript> Read(IEnumerable<SqlFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var sources = files.Where(file => SqlFile.IsSql(file.Name)).ToList();
        RefuseNames(sources);
        return [.. sources.Select(Script).OrderBy(script => script.Version).ThenBy(script => script.IsUndo).ThenBy(script => script.FileName, StringComparer.Ordinal)];
    }

    /// <summary>What is wrong with the versions of scripts: several of one version, and undo scripts of none.</summary>
    /// <param name="scripts">The scripts as <see cref="Read"/> gives them.</param>
    internal static IEnumerable<MigrationRefusal> Disorder(IReadOnlyList<MigrationScript> scripts) => [.. Duplicates(scripts), .. LonelyUndo(scripts)];

    /// <summary>Reads one script by itself, an undo script too.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationNameInvalid</c>, <c>SqlFileUnreadable</c> or <c>MigrationEncodingInvalid</c>.</exception>
    internal static MigrationScript ParseFile(SqlFile file)
    {
        RefuseNames([file]);
        return Script(file);
    }

    /// <summary>The version in the name of a file that applies or undoes it; null where it is neither.</summary>
    internal static MigrationVersion? VersionOf(string fileName) =>
        FileForm.Match(fileName) is { Success: true } form && form.Groups["version"].Success ? MigrationVersion.TryParse(form.Groups["version"].Value) : null;

    private static void RefuseNames(List<SqlFile> files)
    {
        var wrong = files.Select(file => file.Name).Where(name => !FileForm.IsMatch(name)).ToList();
        if (wrong.Count > 0)
        {
            throw new DeployOpsException(
                "MigrationNameInvalid",
                FaultKind.InvalidData,
                $"{string.Join(", ", wrong)}: not the name of a migration.",
                "Name it V<version>__<words>.sql, such as V2_4_0_1__add_orders_status.sql, U… to undo that version, or R__<words>.sql for what is run again whenever its text changes.")
            { Target = wrong[0] };
        }
    }

    private static MigrationScript Script(SqlFile file)
    {
        var form = FileForm.Match(file.Name);
        using var reader = new SqlReader(file);
        reader.Skip();

        return new MigrationScript
        {
            // Digits and separators, as the form says, are always a version, and so is R__ with words.
            Version = MigrationVersion.TryParse(form.Groups["kind"].Value == "R" ? file.Name[..^SqlFile.Extension.Length] : form.Groups["version"].Value)!,
            Description = form.Groups["words"].Value.Replace('_', ' ').Trim(),
            FileName = file.Name,
            Source = file,
            Checksum = reader.Checksum!,
            RawChecksum = reader.RawChecksum!,
            StrayReturn = reader.StrayReturn,
            IsUndo = form.Groups["kind"].Value == "U",
        };
    }

    private static IEnumerable<MigrationRefusal> Duplicates(IReadOnlyList<MigrationScript> scripts) =>
        from pair in scripts.Zip(scripts.Skip(1))
        let first = pair.First
        let second = pair.Second
        where first.Version == second.Version && first.IsUndo == second.IsUndo
        select new MigrationRefusal(
            "MigrationVersionDuplicate",
            second.FileName,
            $"{first.FileName} and {second.FileName} are both {(first.IsRepeatable ? "" : "version ")}{first.Version}.",
            first.IsRepeatable ? "Give one of them another name." : "Give one of them another version; missing parts count as 0.");

    private static IEnumerable<MigrationRefusal> LonelyUndo(IReadOnlyList<MigrationScript> scripts)
    {
        var versions = scripts.Where(script => !script.IsUndo).Select(script => script.Version).ToHashSet();
        return scripts.Where(script => script.IsUndo && !versions.Contains(script.Version)).Select(lonely => new MigrationRefusal(
            "MigrationUndoWithoutVersion",
            lonely.FileName,
            $"{lonely.FileName} undoes version {lonely.Version}, which has no V script in the folder.",
            "Add the V script or remove this one.").AllowedBy(lonely));
    }
}
