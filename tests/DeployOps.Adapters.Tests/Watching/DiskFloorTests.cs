using DeployOps.Adapters.Tests.Support;
using DeployOps.Adapters.Watching;

namespace DeployOps.Adapters.Tests.Watching;

public sealed class DiskFloorTests
{
    [Fact]
    public async Task What_would_fill_a_disk_is_stopped_before_nothing_is_left_for_others()
    {
        using var disk = SmallDisk.Mount(2000);
        var stopped = false;

        var error = await Should.ThrowAsync<DeployOpsException>(DiskFloor.KeepAsync(disk.Folder, TimeProvider.System, WriteAsync, why => new DeployOpsException("Full", FaultKind.Failed, why), default));

        stopped.ShouldBeTrue();
        error.Message.ShouldBe("it was given up while 4 KiB of 2 MiB of its disk were free: 20 KiB of 2 MiB are left to others");

        async Task<bool> WriteAsync(CancellationToken token)
        {
            await File.WriteAllBytesAsync(disk.PathOf("dump"), new byte[1996 * 1024], token);
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                File.Delete(disk.PathOf("dump"));
                stopped = true;
            }

            return true;
        }
    }

    [Fact]
    public async Task What_leaves_enough_is_done()
    {
        using var disk = SmallDisk.Mount(2000);

        (await DiskFloor.KeepAsync(disk.Folder, TimeProvider.System, _ => Task.FromResult("done"), why => new DeployOpsException("Full", FaultKind.Failed, why), default)).ShouldBe("done");
    }
}
