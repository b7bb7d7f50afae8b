using System.Security.Cryptography;
using DeployOps.Journal;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;

namespace DeployOps.Windows.Homes;

/// <summary>The approved files' bytes in a window's folder, each under its hash.</summary>
internal static class KeptFiles
{
    private const string FolderName = "files";

    /// <summary>Writes them, durably, before the record that names them.</summary>
    internal static IReadOnlyList<KeptFile> Write(string window, ApprovedFiles files)
    {
        var folder = Path.Combine(window, FolderName);
        DurableFile.CreateFolder(folder);
        var kept = new List<KeptFile>();
        foreach (var file in files.Files)
        {
            var path = Path.Combine(folder, file.Sha256);
            if (!File.Exists(path))
            {
                Write(path, file);
            }

            kept.Add(new KeptFile(file.Path, file.Sha256));
        }

        return kept;
    }

    /// <summary>Reads them back and sees that each is what was approved.</summary>
    /// <exception cref="DeployOpsException"><c>KeptFileInvalid</c>.</exception>
    internal static ApprovedFiles ReadAll(string window, string planPath, IReadOnlyList<KeptFile> files)
    {
        var folder = Path.GetDirectoryName(planPath)!;
        return new ApprovedFiles(folder, [.. files.Select(file => Read(window, folder, file))]);
    }

    // A long script is hashed as it is copied: it lies on the disk, where somebody may write to it meanwhile.
    private static void Write(string path, ApprovedFile file)
    {
        if (file.Source is null)
        {
            DurableFile.Replace(path, file.Content.Span);
            return;
        }

        using var stream = file.Open();
        DurableFile.Replace(path, stream);
        if (PlanFiles.Hash(path) != file.Sha256)
        {
            File.Delete(path);
            throw Invalid(path, file.Path, "it was changed while it was copied");
        }
    }

    private static ApprovedFile Read(string window, string folder, KeptFile file)
    {
        var path = Path.Combine(window, FolderName, file.Sha256);
        try
        {
            var isLong = new FileInfo(path) is { Exists: true, Length: >= PlanFiles.LongScript } && file.Path.EndsWith(".sql", StringComparison.OrdinalIgnoreCase);
            var bytes = isLong ? [] : File.ReadAllBytes(path);
            var hash = isLong ? PlanFiles.Hash(path) : Convert.ToHexStringLower(SHA256.HashData(bytes));
            return hash == file.Sha256
                ? new ApprovedFile(file.Path, Path.GetFullPath(file.Path, folder), file.Sha256, bytes) { Source = isLong ? () => PlanFiles.OpenLong(path) : null }
                : throw Invalid(path, file.Path, "its content has another hash");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, file.Path, e.Message);
        }
    }

    private static DeployOpsException Invalid(string path, string file, string reason) => new(
        "KeptFileInvalid",
        FaultKind.Security,
        $"{path}, which holds the approved {file}, cannot be trusted: {reason.TrimEnd('.')}.",
        "Bring it back from a copy: it is named by its SHA-256.");
}
