using System.IO.Pipes;
using DeployOps.Gates;
using DeployOps.Journal;

namespace DeployOps.Backups.Folders;

/// <summary>Takes backups of folders and proves each by extracting it into a scratch place; puts them back only while they are what was proven.</summary>
/// <param name="reporter">Told what goes on.</param>
/// <param name="time">Says when the backup was taken.</param>
public sealed class FolderBackup(IStepReporter reporter, TimeProvider time)
{
    private const string Activity = "Backup";

    /// <summary>Archives the folder, sees that nothing changed meanwhile, extracts the archive into a scratch place and compares.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="folder">The folder; where it is a link, what it leads to.</param>
    /// <param name="file">The full path of the archive; it must not exist, its folder must.</param>
    /// <param name="cancellationToken">Stops it; an unfinished archive is removed.</param>
    /// <exception cref="DeployOpsException">
    /// <c>BackupFileExists</c>; <c>FolderMissing</c>; <c>FolderChanging</c> where a file changed while it was read; <c>FolderUnreadable</c>;
    /// <c>BackupNotProven</c>, where the archive is kept for whoever looks into it.
    /// </exception>
    public async Task<FolderManifest> TakeAsync(string name, string folder, string file, CancellationToken cancellationToken)
    {
        folder = Resolve(folder);
        try
        {
            BackupFile.Reserve(file);
            reporter.Progress(Activity, $"{name}: copying {folder}");
            var takenAt = time.GetUtcNow();
            var entries = await ArchiveRestingAsync(name, folder, file, cancellationToken);

            reporter.Progress(Activity, $"{name}: extracting into a scratch place");
            await ProveAsync(name, entries, file, cancellationToken);
            DurableFile.SyncFile(file);

            return new FolderManifest
            {
                Name = name,
                Folder = folder,
                File = file,
                Size = new FileInfo(file).Length,
                Sha256 = await BackupFile.HashAsync(file, cancellationToken),
                Entries = entries,
                TakenAt = takenAt,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            File.Delete(file);
            throw new DeployOpsException("FolderUnreadable", FaultKind.Failed, $"{folder} cannot be backed up: {e.Message.TrimEnd('.')}.", "Check permissions and the disk's space; only files, folders and symbolic links are backed up.", e) { Target = folder };
        }
        catch (Exception e) when (e is not DeployOpsException { ErrorId: "BackupNotProven" or "BackupFileExists" })
        {
            File.Delete(file);
            throw;
        }
    }

    /// <summary>Whether a folder holds what its backup holds.</summary>
    public static async Task<GateResult> CompareAsync(FolderManifest manifest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        var name = $"{manifest.Name} as in its backup";
        if (!Directory.Exists(manifest.Folder))
        {
            return GateResult.Fail(name, $"{manifest.Folder} does not exist");
        }

        try
        {
            return FolderComparison.Compare(name, manifest.Entries, await LookAsync(manifest.Folder, cancellationToken), FileOwner.CanGive);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // A backup holds only what can be read.
            return GateResult.Fail(name, $"{manifest.Folder} cannot be read: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>
    /// Makes the folder what its backup holds: extracted beside it, compared, and put in its place by renaming, so that at no moment a part of it is seen.
    /// May be run again after it was killed at any moment.
    /// </summary>
    /// <exception cref="DeployOpsException"><c>BackupMissing</c> or <c>BackupChanged</c>, before anything was touched; <c>RestoreNotProven</c>; <c>FolderNotRestored</c>.</exception>
    public async Task RestoreAsync(FolderManifest manifest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        try
        {
            reporter.Progress(Activity, $"{manifest.Name}: checking {Path.GetFileName(manifest.File)}");
            await BackupFile.RefuseChangedAsync(manifest.File, manifest.Sha256, cancellationToken);
            reporter.Progress(Activity, $"{manifest.Name}: restoring {manifest.Folder}");
            await ReplaceAsync(manifest, Next(manifest.Folder), Previous(manifest.Folder), cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DeployOpsException("FolderNotRestored", FaultKind.Failed, $"{manifest.Folder} could not be restored: {e.Message.TrimEnd('.')}.", "Check permissions and the disk's space beside it; a mount point cannot be replaced.", e) { Target = manifest.Folder };
        }
    }

    /// <summary>
    /// Puts right what a restore left that was killed: a folder that was moved away comes back as it was, and what was beside it goes. May be run where none was.
    /// </summary>
    /// <exception cref="DeployOpsException"><c>FolderNotRestored</c>.</exception>
    internal static void Mend(string folder)
    {
        try
        {
            if (Directory.Exists(Previous(folder)) && !Directory.Exists(folder))
            {
                // Killed between the two names: what was moved away is the folder.
                Directory.Move(Previous(folder), folder);
                DurableFile.SyncFolder(Path.GetDirectoryName(folder)!);
            }

            Remove(Next(folder));
            Remove(Previous(folder));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("FolderNotRestored", FaultKind.Failed, $"What a restore of {folder} that was killed left cannot be put right: {e.Message.TrimEnd('.')}.", $"Check permissions; the settings are in {(Directory.Exists(folder) ? folder : Previous(folder))}.", e) { Target = folder };
        }
    }

    private static string Next(string folder) => $"{folder}.deployops-next";

    private static string Previous(string folder) => $"{folder}.deployops-previous";

    private async Task ReplaceAsync(FolderManifest manifest, string next, string previous, CancellationToken cancellationToken)
    {
        Mend(manifest.Folder);
        await using (var stream = File.OpenRead(manifest.File))
        {
            await FolderArchive.ExtractAsync(stream, next, cancellationToken);
        }

        var restored = await LookAsync(next, cancellationToken);
        var comparison = FolderComparison.Compare($"restore of {manifest.Name}", manifest.Entries, restored, FileOwner.CanGive);
        if (comparison.Verdict != GateVerdict.Pass)
        {
            throw new DeployOpsException("RestoreNotProven", FaultKind.Security, $"{next} does not hold what the backup of {manifest.Name} holds: {comparison.Detail}.", "The folder itself was not touched. Restore again; where owners differ, as the system's administrator.") { Target = comparison };
        }

        WarnOfOwners(manifest.Name, manifest.Entries, restored, "have been restored as this account's");
        if (Directory.Exists(manifest.Folder))
        {
            Directory.Move(manifest.Folder, previous);
        }

        try
        {
            Directory.Move(next, manifest.Folder);
        }
        catch (IOException) when (!Directory.Exists(manifest.Folder) && Directory.Exists(previous))
        {
            Directory.Move(previous, manifest.Folder);
            throw;
        }

        DurableFile.SyncFolder(Path.GetDirectoryName(manifest.Folder)!);
        Remove(previous);
    }

    private static async Task<IReadOnlyList<FolderEntry>> ArchiveAsync(string folder, string file, CancellationToken cancellationToken)
    {
        await using var stream = new FileStream(file, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.ReadWrite, Options = FileOptions.Asynchronous });
        await FolderArchive.WriteAsync(folder, stream, cancellationToken);
        stream.Position = 0;

        return await FolderArchive.ReadAsync(stream, cancellationToken);
    }

    // Owners are told by nothing but an archive, so a look at a folder is one too, which is never on a disk: it may hold secrets, and a backup may lie where nobody may write.
    private static async Task<IReadOnlyList<FolderEntry>> LookAsync(string folder, CancellationToken cancellationToken)
    {
        using var reading = new AnonymousPipeServerStream(PipeDirection.In);
        var writing = Task.Run(() => WriteAsync(new AnonymousPipeClientStream(PipeDirection.Out, reading.ClientSafePipeHandle)), cancellationToken);
        try
        {
            return await FolderArchive.ReadAsync(reading, cancellationToken);
        }
        finally
        {
            // Who still writes is not left waiting for a reader that gave up.
            reading.Dispose();
            await writing;
        }

        async Task WriteAsync(Stream pipe)
        {
            await using (pipe)
            {
                await FolderArchive.WriteAsync(folder, pipe, cancellationToken);
            }
        }
    }

    // A file that is written while it is read may be torn, and so may the archive be.
    private static async Task<IReadOnlyList<FolderEntry>> ArchiveRestingAsync(string name, string folder, string file, CancellationToken cancellationToken)
    {
        var before = FolderStamps.Of(folder);
        try
        {
            var entries = await ArchiveAsync(folder, file, cancellationToken);
            RefuseChanging(name, before, folder);
            var again = FolderComparison.Compare(name, entries, await LookAsync(folder, cancellationToken), withOwner: true);

            return again.Verdict == GateVerdict.Pass ? entries : throw Changing(name, again.Detail);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            RefuseChanging(name, before, folder);
            throw;
        }
    }

    private static void RefuseChanging(string name, FolderStamps before, string folder)
    {
        if (before.Change(FolderStamps.Of(folder)) is { } change)
        {
            throw Changing(name, change);
        }
    }

    private static DeployOpsException Changing(string name, string what) => new(
        "FolderChanging",
        FaultKind.Busy,
        $"{name} changed while it was read: {what}.",
        "See what writes there, and back up when it rests; logs and data do not belong into a folder of settings.");

    private async Task ProveAsync(string name, IReadOnlyList<FolderEntry> entries, string file, CancellationToken cancellationToken)
    {
        var scratch = Path.Combine(Path.GetDirectoryName(file)!, $".scratch-{Guid.NewGuid():N}");
        try
        {
            await using (var stream = File.OpenRead(file))
            {
                await FolderArchive.ExtractAsync(stream, scratch, cancellationToken);
            }

            var extracted = await LookAsync(scratch, cancellationToken);
            var comparison = FolderComparison.Compare($"backup of {name}", entries, extracted, FileOwner.CanGive);
            if (comparison.Verdict != GateVerdict.Pass)
            {
                throw new DeployOpsException("BackupNotProven", FaultKind.Security, $"The backup of {name} does not hold what the folder held: {comparison.Detail}.", $"Do not rely on {file}. Check disk and memory, then take another one.") { Target = comparison };
            }

            WarnOfOwners(name, entries, extracted, "would be restored as this account's");
        }
        finally
        {
            Remove(scratch);
        }
    }

    // A service whose settings are no longer its own may not read them: whoever restores has to know before, and after.
    private void WarnOfOwners(string name, IReadOnlyList<FolderEntry> entries, IReadOnlyList<FolderEntry> restored, string what)
    {
        if (!FileOwner.CanGive && FolderComparison.Compare(name, entries, restored, withOwner: true) is { Verdict: GateVerdict.Fail } differs)
        {
            reporter.Warn($"Files of {name} that belong to others {what}, for only the system's administrator gives files away: {differs.Detail}.");
        }
    }

    /// <summary>The folder that a path means: without a separator at its end, and what it leads to where it is a link.</summary>
    internal static string Target(string folder)
    {
        var info = new DirectoryInfo(Path.TrimEndingDirectorySeparator(folder));
        return ((info.Exists ? info.ResolveLinkTarget(returnFinalTarget: true) : null) ?? info).FullName;
    }

    private static string Resolve(string folder)
    {
        return Directory.Exists(folder)
            ? Target(folder)
            : throw new DeployOpsException("FolderMissing", FaultKind.NotFound, $"There is no folder {folder}.", "Check the path.") { Target = folder };
    }

    // A folder that its owner may not write keeps what is in it, unless that is changed first.
    private static void Remove(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode Usable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            var inside = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
            foreach (var below in Directory.EnumerateDirectories(folder, "*", inside).Prepend(folder).ToList())
            {
                File.SetUnixFileMode(below, File.GetUnixFileMode(below) | Usable);
            }
        }

        Directory.Delete(folder, recursive: true);
    }
}
