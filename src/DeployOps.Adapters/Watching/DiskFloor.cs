using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>Gives up what is written to a disk before the disk is full of it: others write there, too, such as the server itself. How much a dump needs is only reckoned before.</summary>
internal static class DiskFloor
{
    // What stays free: a hundredth of the disk, and of a large one no more than this; of one that was nearly full before, a tenth of what was left.
    private const int Part = 100;
    private const int PartOfLeft = 10;
    private const long Most = 1L << 30;
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>Writes, and looks each second.</summary>
    /// <param name="folder">The folder that is written to.</param>
    /// <param name="time">The clock.</param>
    /// <param name="write">Writes; it is stopped by its token.</param>
    /// <param name="full">Makes the error of why it was given up.</param>
    /// <param name="cancellationToken">Stops it.</param>
    internal static async Task<T> KeepAsync<T>(string folder, TimeProvider time, Func<CancellationToken, Task<T>> write, Func<string, DeployOpsException> full, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var left = FolderDisk.Ask(folder)?.Free ?? 0;
        var writing = write(stop.Token);
        while (!writing.IsCompleted)
        {
            await ((Task)writing).WaitAsync(Beat, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!writing.IsCompleted && FolderDisk.Ask(folder) is { } disk && Math.Min(Math.Min(disk.Total / Part, Most), left / PartOfLeft) is var least && disk.Free < least)
            {
                await stop.CancelAsync();
                await ((Task)writing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw full($"it was given up while {disk} of its disk were free: {new FreeSpace(least, disk.Total)} are left to others");
            }
        }

        return await writing;
    }
}
