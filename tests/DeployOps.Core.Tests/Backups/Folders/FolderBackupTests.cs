using System.Net.Sockets;
using System.Runtime.Versioning;
using DeployOps.Backups.Folders;
using DeployOps.Core.Tests.Support;
using DeployOps.Gates;

namespace DeployOps.Core.Tests.Backups.Folders;

/// <summary>On Linux, where modes, owners and links are; the tests run as root in CI, and owners are looked at only there.</summary>
[SupportedOSPlatform("linux")]
public sealed class FolderBackupTests : IDisposable
{
    private readonly TempFolder temp = new();
    private readonly FolderBackup backup = new(new SilentReporter(), TimeProvider.System);

    public FolderBackupTests()
    {
        Write("settings/app.json", "{ \"on\": true }");
        Write("settings/empty.json", "");
        Write("settings/certificates/größe #1.pem", "key");
        Directory.CreateDirectory(Settings("nothing"));
        File.CreateSymbolicLink(Settings("current"), "app.json");
        File.CreateSymbolicLink(Settings("elsewhere"), "/etc/ssl/certs");
        File.CreateSymbolicLink(Settings("dangling"), "gone");
        File.SetUnixFileMode(Settings("app.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.SetUnixFileMode(Settings("certificates"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Directory.CreateDirectory(temp.File("backups"));
    }

    [Fact]
    public async Task Everything_a_folder_holds_is_in_the_manifest()
    {
        var manifest = await TakeAsync();

        manifest.Entries.Select(entry => $"{entry.Kind} {entry.Path} {Convert.ToString((int)entry.Mode, 8)}").ShouldBe(
        [
            "Folder . 755", "File app.json 600", "Folder certificates 500", "File certificates/größe #1.pem 644", "Link current 0", "Link dangling 0", "Link elsewhere 0", "File empty.json 644", "Folder nothing 755",
        ]);
        manifest.Entries.Single(entry => entry.Path == "elsewhere").Content.ShouldBe("/etc/ssl/certs");
        manifest.Entries.Single(entry => entry.Path == "app.json").Content.ShouldBe("7168c17c22ed8b8bee2cceccb936c1aedf40553e8df9ea265acc74957c9876ec");
        manifest.Size.ShouldBe(new FileInfo(manifest.File).Length);
        File.GetUnixFileMode(manifest.File).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.EnumerateFileSystemEntries(temp.File("backups")).ShouldBe([manifest.File]);
    }

    public static TheoryData<string> Changes => ["content", "longer", "mode", "gone", "more", "link", "kind", "owner", "all"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Whatever_was_changed_is_noticed_and_brought_back(string change)
    {
        Assert.SkipUnless(change != "owner" || Environment.IsPrivilegedProcess, "only root can give files away");
        var manifest = await TakeAsync();
        Change(change);

        var before = await FolderBackup.CompareAsync(manifest, TestContext.Current.CancellationToken);
        await backup.RestoreAsync(manifest, TestContext.Current.CancellationToken);
        var after = await FolderBackup.CompareAsync(manifest, TestContext.Current.CancellationToken);

        before.Verdict.ShouldBe(GateVerdict.Fail);
        after.Verdict.ShouldBe(GateVerdict.Pass, after.Detail);
        Directory.EnumerateFileSystemEntries(temp.File("")).Select(Path.GetFileName).Order().ShouldBe(["backups", "settings"]);
        Directory.EnumerateFileSystemEntries(temp.File("backups")).ShouldBe([manifest.File]);
    }

    [Fact]
    public async Task What_differs_is_named_with_what_it_should_be()
    {
        var manifest = await TakeAsync();
        Change("longer");
        Change("mode");
        Change("link");

        var gate = await FolderBackup.CompareAsync(manifest, TestContext.Current.CancellationToken);

        gate.Detail.ShouldBe("app.json has 19 bytes, not 14, current leads to empty.json, not to app.json, empty.json has mode 777, not 644");
    }

    [Fact]
    public async Task A_folder_that_changes_while_it_is_read_is_refused_by_the_files_name()
    {
        using var end = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (var number = 0; !end.IsCancellationRequested; number++)
            {
                File.WriteAllText(Settings("app.json"), $"{number}");
            }
        }, CancellationToken.None);

        var errors = new List<string>();
        for (var tries = 0; tries < 20 && errors.Count == 0; tries++)
        {
            try
            {
                await backup.TakeAsync("settings", Settings(""), temp.File($"backups/{tries}.tar"), TestContext.Current.CancellationToken);
            }
            catch (DeployOpsException e)
            {
                errors.Add($"{e.ErrorId} {e.Fact}");
            }
        }

        await end.CancelAsync();
        await writing;
        errors.ShouldHaveSingleItem().ShouldStartWith("FolderChanging settings changed while it was read: app.json ");
    }

    [Fact]
    public async Task What_is_no_setting_is_refused_and_no_part_of_a_backup_stays()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Settings("control.sock")));

        var error = await Errors.OfAsync(TakeAsync, "FolderUnreadable");

        error.Fact.ShouldContain("control.sock");
        Directory.EnumerateFileSystemEntries(temp.File("backups")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_slash_at_the_end_of_its_path_makes_no_difference()
    {
        var manifest = await backup.TakeAsync("settings", temp.File("settings") + "/", temp.File("backups/a.tar"), TestContext.Current.CancellationToken);
        Change("content");

        await backup.RestoreAsync(manifest, TestContext.Current.CancellationToken);

        (await FolderBackup.CompareAsync(manifest, TestContext.Current.CancellationToken)).Verdict.ShouldBe(GateVerdict.Pass);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_refused() =>
        await Errors.OfAsync(() => backup.TakeAsync("settings", temp.File("gone"), temp.File("backups/a.tar"), TestContext.Current.CancellationToken), "FolderMissing");

    [Fact]
    public async Task A_backup_is_never_overwritten()
    {
        await TakeAsync();

        await Errors.OfAsync(TakeAsync, "BackupFileExists");
    }

    [Fact]
    public async Task Of_a_link_what_it_leads_to_is_backed_up_and_restored()
    {
        File.CreateSymbolicLink(temp.File("link"), temp.File("settings"));

        var manifest = await backup.TakeAsync("settings", temp.File("link"), temp.File("backups/a.tar"), TestContext.Current.CancellationToken);
        Change("all");
        await backup.RestoreAsync(manifest, TestContext.Current.CancellationToken);

        manifest.Folder.ShouldBe(temp.File("settings"));
        (await File.ReadAllTextAsync(temp.File("link/app.json"), TestContext.Current.CancellationToken)).ShouldBe("{ \"on\": true }");
    }

    [Fact]
    public async Task An_archive_that_was_changed_or_is_gone_is_refused_before_anything_is_touched()
    {
        var manifest = await TakeAsync();
        Change("content");
        var bytes = await File.ReadAllBytesAsync(manifest.File, TestContext.Current.CancellationToken);
        bytes[600] ^= 1;
        await File.WriteAllBytesAsync(manifest.File, bytes, TestContext.Current.CancellationToken);

        await Errors.OfAsync(() => backup.RestoreAsync(manifest, TestContext.Current.CancellationToken), "BackupChanged");
        File.Delete(manifest.File);
        await Errors.OfAsync(() => backup.RestoreAsync(manifest, TestContext.Current.CancellationToken), "BackupMissing");

        (await File.ReadAllTextAsync(Settings("app.json"), TestContext.Current.CancellationToken)).ShouldBe("{ \"on\": fals }");
    }

    [Fact]
    public async Task Killed_between_the_two_names_the_next_run_restores_it()
    {
        var manifest = await TakeAsync();
        Directory.Move(temp.File("settings"), temp.File("settings.deployops-previous"));
        Directory.CreateDirectory(temp.File("settings.deployops-next"));

        await backup.RestoreAsync(manifest, TestContext.Current.CancellationToken);

        (await FolderBackup.CompareAsync(manifest, TestContext.Current.CancellationToken)).Verdict.ShouldBe(GateVerdict.Pass);
        Directory.EnumerateFileSystemEntries(temp.File("")).Select(Path.GetFileName).Order().ShouldBe(["backups", "settings"]);
    }

    public void Dispose()
    {
        if (Directory.Exists(Settings("certificates")))
        {
            File.SetUnixFileMode(Settings("certificates"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        temp.Dispose();
    }

    private Task<FolderManifest> TakeAsync() => backup.TakeAsync("settings", temp.File("settings"), temp.File("backups/settings-1.tar"), TestContext.Current.CancellationToken);

    private string Settings(string name) => Path.Combine(temp.File("settings"), name);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(temp.File(name))!);
        File.WriteAllText(temp.File(name), text);
    }

    private void Change(string what)
    {
        switch (what)
        {
            case "content":
                File.WriteAllText(Settings("app.json"), "{ \"on\": fals }");
                break;
            case "longer":
                File.AppendAllText(Settings("app.json"), " more");
                break;
            case "mode":
                File.SetUnixFileMode(Settings("empty.json"), (UnixFileMode)0b111_111_111);
                break;
            case "gone":
                File.Delete(Settings("empty.json"));
                break;
            case "more":
                File.WriteAllText(Settings("more.json"), "");
                break;
            case "link":
                File.Delete(Settings("current"));
                File.CreateSymbolicLink(Settings("current"), "empty.json");
                break;
            case "kind":
                File.Delete(Settings("empty.json"));
                Directory.CreateDirectory(Settings("empty.json"));
                break;
            case "owner":
                System.Diagnostics.Process.Start("chown", ["65534:65534", Settings("app.json")]).WaitForExit();
                break;
            default:
                Directory.Delete(temp.File("settings"), recursive: true);
                break;
        }
    }
}
