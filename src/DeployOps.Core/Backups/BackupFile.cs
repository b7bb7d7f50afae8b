using System.Globalization;
using System.Security.Cryptography;

namespace DeployOps.Backups;

/// <summary>The file of a backup: made once, readable by its owner alone, and told from a changed one by its hash.</summary>
internal static class BackupFile
{
    /// <summary>Makes it.</summary>
    internal static FileStream Create(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(file, options);
    }

    /// <summary>Makes it, empty, so that nobody else takes its name.</summary>
    /// <exception cref="DeployOpsException"><c>BackupFileExists</c>.</exception>
    internal static void Reserve(string file)
    {
        try
        {
            Create(file).Dispose();
        }
        catch (IOException) when (File.Exists(file))
        {
            throw Exists(file);
        }
    }

    /// <summary>Its SHA-256, 64 hexadecimal digits.</summary>
    internal static async Task<string> HashAsync(string file, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    /// <summary>The refusal to write over one.</summary>
    internal static DeployOpsException Exists(string file) =>
        new("BackupFileExists", FaultKind.InvalidOperation, $"{file} exists already.", "Choose another name; a backup is never overwritten.") { Target = file };

    /// <summary>The refusal to go by one that is not there.</summary>
    internal static DeployOpsException Missing(string file) =>
        new("BackupMissing", FaultKind.NotFound, $"The backup {file} is gone.", "Put it back from where backups are kept.") { Target = file };

    /// <summary>Refuses one that is not there or has another length than what was proven: a look that takes no time.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>; <c>BackupChanged</c>.</exception>
    internal static void RefuseAnotherSize(string file, long proven)
    {
        var size = new FileInfo(file) is { Exists: true, Length: var length } ? length : throw Missing(file);
        if (size != proven)
        {
            throw Changed(file, string.Create(CultureInfo.InvariantCulture, $"{proven} bytes then, {size} now"));
        }
    }

    /// <summary>Refuses one that is not what was proven.</summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c>; <c>BackupChanged</c>.</exception>
    internal static async Task RefuseChangedAsync(string file, string proven, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw Missing(file);
        }

        var sha256 = await HashAsync(file, cancellationToken);
        if (!sha256.Equals(proven, StringComparison.OrdinalIgnoreCase))
        {
            throw Changed(file, $"SHA-256 {proven[..12]}… then, {sha256[..12]}… now");
        }
    }

    private static DeployOpsException Changed(string file, string difference) =>
        new("BackupChanged", FaultKind.Security, $"{file} is not the file that was proven: {difference}.", "Do not restore it. Use another backup.") { Target = file };
}
