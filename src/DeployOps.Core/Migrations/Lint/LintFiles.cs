using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Looks at scripts on disk.</summary>
public static class LintFiles
{
    /// <summary>The findings of a script, or of every script of a folder, each looked at as if it ran alone.</summary>
    /// <param name="path">The full path of a script or of a folder.</param>
    /// <param name="dialect">Whose rules.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="DeployOpsException"><c>SqlFolderMissing</c> where there is neither, and <c>MigrationNameInvalid</c>, <c>SqlFileUnreadable</c> or <c>MigrationEncodingInvalid</c>.</exception>
    public static async Task<IReadOnlyList<LintFinding>> CheckAsync(string path, SqlDialect dialect, CancellationToken cancellationToken)
    {
        var linter = new MigrationLinter(dialect);
        if (!File.Exists(path))
        {
            var scripts = MigrationFolder.Read(await SqlFile.ReadFolderAsync(path, cancellationToken));
            return [.. SequenceFindings.Of(MigrationFolder.Disorder(scripts)), .. linter.CheckFolder(scripts)];
        }

        return linter.Check([MigrationFolder.ParseFile(SqlFile.At(path))]);
    }
}
