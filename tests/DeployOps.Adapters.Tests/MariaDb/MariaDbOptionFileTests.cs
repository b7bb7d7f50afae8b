using System.Diagnostics;
using DeployOps.Adapters.MariaDb;

namespace DeployOps.Adapters.Tests.MariaDb;

/// <summary>A file with a password goes with whoever wrote it, also where that one was killed.</summary>
public sealed class MariaDbOptionFileTests
{
    [Fact]
    public async Task What_a_killed_process_left_is_removed_by_the_next_one_and_what_is_in_use_is_not()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/flock"), "There is no flock to hold a lock by another process.");
        var folder = Directory.CreateTempSubdirectory(MariaDbOptionFile.Prefix).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "client.cnf"), "[client]\npassword=\"of a killed one\"\n");
        var mark = Path.Combine(folder, MariaDbOptionFile.Mark);
        await File.WriteAllTextAsync(mark, "");
        File.SetLastWriteTimeUtc(mark, DateTime.UnixEpoch);
        using var holder = Process.Start("/usr/bin/flock", ["--exclusive", "--close", mark, "sleep", "60"]);
        await HeldAsync(mark);

        (await OfNextAsync()).Dispose();
        var whileInUse = Directory.Exists(folder);
        holder.Kill(entireProcessTree: true);
        await holder.WaitForExitAsync();
        using var next = await OfNextAsync();

        (whileInUse, Directory.Exists(folder)).ShouldBe((true, false));
    }

    [Fact]
    public async Task Two_at_the_same_time_leave_each_other_alone()
    {
        using var one = await OfNextAsync();
        var file = one.Argument["--defaults-file=".Length..];
        File.SetLastWriteTimeUtc(Path.Combine(Path.GetDirectoryName(file)!, MariaDbOptionFile.Mark), DateTime.UnixEpoch);

        using var other = await OfNextAsync();

        (await File.ReadAllTextAsync(file)).ShouldBe("[client]\nuser=\"kim\"\n");
        one.Dispose();
        Directory.Exists(Path.GetDirectoryName(file)).ShouldBeFalse();
    }

    private static Task<MariaDbOptionFile> OfNextAsync() => MariaDbOptionFile.WriteAsync([("user", "kim")], default);

    private static async Task HeldAsync(string mark)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                await new FileStream(mark, FileMode.Open, FileAccess.ReadWrite, FileShare.None).DisposeAsync();
                await Task.Delay(20, limit.Token);
            }
            catch (IOException)
            {
                return;
            }
        }
    }
}
