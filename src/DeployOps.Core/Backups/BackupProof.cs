using System.Text.Json;
using DeployOps.Backups.Folders;
using DeployOps.Journal;
using DeployOps.Secrets;

namespace DeployOps.Backups;

/// <summary>
/// What a backup was proven to hold, in a file beside it: so that it can be restored without the window that took it, and only while it is
/// what was proven. It names neither the place nor the password of a database.
/// </summary>
/// <param name="DatabaseKind">The kind of the database; null for a folder.</param>
/// <param name="Database">What the database's backup holds; null for a folder.</param>
/// <param name="Folder">What the folder's backup holds; null for a database.</param>
internal sealed record BackupProof(string? DatabaseKind, BackupManifest? Database, FolderManifest? Folder)
{
    private const int HashDigits = 64;

    /// <summary>Where the proof of a backup lies.</summary>
    internal static string PathFor(string file) => file + ".proof.json";

    /// <summary>Writes the proof of a database's backup; it is on the disk when this returns.</summary>
    internal static void Write(string databaseKind, BackupManifest manifest, Redactor redactor) => Write(manifest.File, new BackupProof(databaseKind, manifest, null), redactor);

    /// <summary>Writes the proof of a folder's backup; it is on the disk when this returns.</summary>
    internal static void Write(FolderManifest manifest, Redactor redactor) => Write(manifest.File, new BackupProof(null, null, manifest), redactor);

    /// <summary>Reads the proof of a backup, which may have been moved since, together with it.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>; <c>BackupProofMissing</c>; <c>BackupProofInvalid</c>.</exception>
    internal static BackupProof Read(string file)
    {
        if (!File.Exists(file))
        {
            throw BackupFile.Missing(file);
        }

        var path = PathFor(file);
        try
        {
            using var stream = File.OpenRead(path);
            var proof = JsonSerializer.Deserialize<BackupProof>(stream, JournalJson.Options);
            return proof switch
            {
                _ when (proof?.Database?.Sha256 ?? proof?.Folder?.Sha256 ?? "").Length != HashDigits => throw Invalid(path, "it holds no SHA-256 of a backup", null),
                { DatabaseKind: not null, Database: { } database, Folder: null } => proof with { Database = database with { File = file } },
                { DatabaseKind: null, Database: null, Folder: { } folder } => proof with { Folder = folder with { File = file } },
                _ => throw Invalid(path, "it tells neither of a database nor of a folder", null),
            };
        }
        catch (FileNotFoundException e)
        {
            throw new DeployOpsException(
                "BackupProofMissing",
                FaultKind.NotFound,
                $"Beside {file} there is no proof of what it holds.",
                $"A backup that was moved needs {Path.GetFileName(path)} with it; one that another tool made is restored by that tool.",
                e)
            { Target = path };
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw Invalid(path, e.Message.TrimEnd('.'), e);
        }
    }

    // Names of tables and files are whatever somebody called them, a secret among them.
    private static void Write(string file, BackupProof proof, Redactor redactor) =>
        DurableFile.Replace(PathFor(file), JsonSerializer.SerializeToUtf8Bytes(redactor.RedactJson(JournalJson.ToNode(proof)), JournalJson.Options));

    private static DeployOpsException Invalid(string path, string why, Exception? cause) =>
        new("BackupProofInvalid", FaultKind.InvalidData, $"{path} cannot be used: {why}.", "Do not restore the backup by it; use another one.", cause) { Target = path };
}
