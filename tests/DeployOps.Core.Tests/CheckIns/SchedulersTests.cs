using System.Diagnostics;
using DeployOps.CheckIns;
using DeployOps.CheckIns.Schedulers;
using DeployOps.Core.Tests.Support;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>What is written for each scheduler.</summary>
public sealed class SchedulersTests
{
    private static readonly ScheduledCheckIn Schedule = new(
        "shop-2.4.0-1",
        new DateTimeOffset(2026, 3, 5, 20, 0, 0, TimeSpan.Zero),
        TimeSpan.FromMinutes(30),
        new CheckInCommandLine(["/usr/bin/true", "/opt/it's 100% $HOME/check-in.ps1", "-Id", "shop-2.4.0-1"], new Dictionary<string, string> { ["DEPLOYOPS_HOME"] = "/var/lib/deploy \"ops\" 5%" }),
        CheckInScheduler.Systemd,
        SchedulerScope.User,
        "/units");

    [Fact]
    public void A_service_makes_one_check_in_and_a_timer_starts_it()
    {
        var files = Scheduler.Files(Schedule);

        files.Select(file => file.Path).ShouldBe(["/units/deployops-shop-2.4.0-1.service", "/units/deployops-shop-2.4.0-1.timer"]);
        files[0].Text.ShouldBe("""
            [Unit]
            Description=DeployOps check-in of shop-2.4.0-1

            [Service]
            Type=oneshot
            TimeoutStartSec=1800
            Environment="DEPLOYOPS_HOME=/var/lib/deploy \"ops\" 5%%"
            ExecStart="/usr/bin/true" "/opt/it's 100%% $$HOME/check-in.ps1" "-Id" "shop-2.4.0-1"

            """.ReplaceLineEndings("\n"));
        files[1].Text.ShouldBe("""
            [Unit]
            Description=DeployOps check-ins of shop-2.4.0-1

            [Timer]
            OnActiveSec=1800
            OnUnitActiveSec=1800
            AccuracySec=10

            [Install]
            WantedBy=timers.target

            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_units_pass_systemds_own_check()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is not installed");
        using var temp = new TempFolder();
        var files = Scheduler.Files(Schedule with { Folder = temp.File("units") });
        Directory.CreateDirectory(temp.File("units"));
        foreach (var file in files)
        {
            await File.WriteAllTextAsync(file.Path, file.Text, TestContext.Current.CancellationToken);
        }

        using var process = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", .. files.Select(file => file.Path)]) { RedirectStandardError = true, UseShellExecute = false })!;
        var said = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        // Other units of the machine are read too, and may have faults of their own.
        said.Split('\n').Where(line => line.Contains("deployops-", StringComparison.Ordinal)).ShouldBeEmpty();
        process.ExitCode.ShouldBe(0, said);
    }

    [Theory]
    [InlineData("00:30:00", "*/30 * * * *")]
    [InlineData("00:01:00", "*/1 * * * *")]
    [InlineData("01:00:00", "0 */1 * * *")]
    [InlineData("06:00:00", "0 */6 * * *")]
    [InlineData("1.00:00:00", "0 0 * * *")]
    public void A_line_of_the_crontab_is_known_again(string every, string times)
    {
        var line = CronLine.Of(Schedule with { Every = TimeSpan.Parse(every, null) });

        line.ShouldBe($"{times} DEPLOYOPS_HOME='/var/lib/deploy \"ops\" 5\\%' '/usr/bin/true' '/opt/it'\\''s 100\\% $HOME/check-in.ps1' '-Id' 'shop-2.4.0-1' # deployops shop-2.4.0-1");
        CronLine.Without($"0 5 * * * backup\n{line}\n", "shop-2.4.0-1").ShouldBe("0 5 * * * backup\n");
        CronLine.Without($"0 5 * * * backup\n{line}\n", "shop-2.4.0-11").ShouldBe($"0 5 * * * backup\n{line}\n");
        CronLine.Without($"{line}\n", "shop-2.4.0-1").ShouldBe("");
    }

    [Theory]
    [InlineData("00:07:00")]
    [InlineData("00:30:30")]
    [InlineData("05:00:00")]
    [InlineData("01:30:00")]
    public void What_cron_cannot_keep_is_refused(string every) =>
        Should.Throw<DeployOpsException>(() => CronLine.Of(Schedule with { Every = TimeSpan.Parse(every, null) })).ErrorId.ShouldBe("IntervalNotForCron");

    [Fact]
    public void A_task_of_windows_is_as_the_golden_file() =>
        TaskXml.Of(Schedule).ReplaceLineEndings("\n").ShouldBe(File.ReadAllText(Repository.PathOf("tests", "DeployOps.Core.Tests", "CheckIns", "task.xml")).TrimEnd('\n').ReplaceLineEndings("\n"));
}
