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
                DurableFile.Replace(path, file.Content.Span);
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
        return new ApprovedFiles(folder, [.. files.Select(file => new ApprovedFile(file.Path, Path.GetFullPath(file.Path, folder), file.Sha256, Read(window, file)))]);
    }

    private static byte[] Read(string window, KeptFile file)
    {
        var path = Path.Combine(window, FolderName, file.Sha256);
        try
        {
            var bytes = File.ReadAllBytes(path);
            return Convert.ToHexStringLower(SHA256.HashData(bytes)) == file.Sha256 ? bytes : throw Invalid(path, file, "its content has another hash");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Invalid(path, file, e.Message);
        }
    }

    private static DeployOpsException Invalid(string path, KeptFile file, string reason) => new(
        "KeptFileInvalid",
        FaultKind.Security,
        $"{path}, which holds the approved {file.Path}, cannot be trusted: {reason.TrimEnd('.')}.",
        "Bring it back from a copy: it is named by its SHA-256.");
}
