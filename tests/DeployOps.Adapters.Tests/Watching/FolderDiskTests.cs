using DeployOps.Adapters.Watching;

namespace DeployOps.Adapters.Tests.Watching;

public sealed class FolderDiskTests
{
    private static readonly string Temporary = Path.TrimEndingDirectorySeparator(Path.GetTempPath());

    [Fact]
    public void A_folder_that_cannot_be_asked_is_told_of_by_the_nearest_above_it() => FolderDisk.Find($"{Temporary}/not/there").ShouldBe(Temporary);

    [Fact]
    public void A_folder_that_can_be_asked_tells_itself()
    {
        FolderDisk.Find(Temporary).ShouldBe(Temporary);
        FolderDisk.Ask(Temporary).ShouldNotBeNull().Total.ShouldBe(new DriveInfo(Temporary).TotalSize);
    }

    [Theory]
    [InlineData("/not")]
    [InlineData("/not/there")]
    [InlineData("/not/there/with a space")]
    public void Where_another_disk_is_mounted_in_between_nothing_is_known(string mount) => FolderDisk.Find($"{Temporary}/not/there/with a space", Mounts(mount)).ShouldBeNull();

    [Theory]
    [InlineData("/not/there/with")]
    [InlineData("/other")]
    public void What_is_mounted_elsewhere_says_nothing(string mount) => FolderDisk.Find($"{Temporary}/not/there/with a space", Mounts(mount)).ShouldBe(Temporary);

    private static string[] Mounts(string mount) =>
        ["22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw", $"36 22 98:0 / {Temporary}{mount.Replace(" ", @"\040", StringComparison.Ordinal)} rw,noatime - ext4 /dev/sdb1 rw"];
}
