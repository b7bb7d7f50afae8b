using DeployOps.Core.Tests.Support;
using DeployOps.Gates;
using DeployOps.Health;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.CheckIns;

/// <summary>How check-ins end, and who is told what.</summary>
public sealed class EndOfCheckInsTests : CompletedShop
{
    private const string Channels = "Notices = @( @{ Name = 'team'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/a' }, @{ Name = 'all'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/b'; Audience = 'Stakeholders' } )";

    [Fact]
    public async Task The_first_one_after_the_end_is_the_last()
    {
        var release = await RegisteredAsync();
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromDays(2));

        var made = await CheckInAsync(release);
        var standing = await Desk(release).FindAsync(await release.WindowAsync());

        made.IsLast.ShouldBeTrue();
        standing.Missed.ShouldBe(95);
        standing.Summary.ShouldContain("after 1 check-ins (95 missed), the last Healthy");
        var page = await File.ReadAllTextAsync(Path.Combine(release.Folder, "report.html"), TestContext.Current.CancellationToken);
        page.ShouldContain("1 of 1 check-in found everything well. 95 more were missed, and judged by those after them. It has come to its end: Healthy throughout.");
        standing.Registration!.IsActive.ShouldBeFalse();
        standing.Due.ShouldBeNull();
        standing.Last.ShouldBe(HealthVerdict.Healthy);
        (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("has no extended monitoring any more: it ended");
    }

    [Fact]
    public async Task A_release_that_went_back_is_not_looked_after_any_more()
    {
        var release = await RegisteredAsync();
        (await release.GoBackAsync()).Outcome.ShouldBe(PhaseOutcome.RolledBack);

        (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("shop-2.4.0-1, which is RolledBack, has no extended monitoring any more");
        (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
    }

    [Theory]
    [InlineData(PhaseOutcome.Succeeded, true)]
    [InlineData(PhaseOutcome.Failed, false)]
    public async Task A_later_release_that_is_complete_takes_over(PhaseOutcome completion, bool isOver)
    {
        var release = await RegisteredAsync();
        Pass(release, TimeSpan.FromMinutes(30));
        Counters.Add(1000, 0);
        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", completion);

        if (isOver)
        {
            (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("shop-2.5.0-1 took over: there is nothing to look after any more");
            (await Desk(release).FindAsync(await release.WindowAsync())).Registration!.IsActive.ShouldBeFalse();
        }
        else
        {
            (await CheckInAsync(release)).Verdict.ShouldBe(HealthVerdict.Healthy);
        }
    }

    [Fact]
    public async Task What_fails_while_a_later_release_is_on_its_way_is_not_held_against_this_one()
    {
        var release = await RegisteredAsync();
        Pass(release, TimeSpan.FromMinutes(30));
        Counters.Add(1000, 200);
        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Failed);

        var made = await CheckInAsync(release);

        made.Verdict.ShouldBe(HealthVerdict.Inconclusive);
        made.Findings.ShouldContain(finding => finding.Verdict == GateVerdict.Unknown && finding.Detail.StartsWith("while shop-2.5.0-1 is on its way: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new int[0], "no check-in was made", NoticeTone.Neutral, "")]
    [InlineData(new[] { 0 }, "it was Healthy throughout", NoticeTone.Good, "1 check-ins: 1 Healthy. The last found Healthy.")]
    [InlineData(new[] { 200, 0 }, "it was Degraded at worst", NoticeTone.Warning, "2 check-ins: 1 Healthy, 1 Degraded. The last found Healthy.")]
    public async Task Everybody_is_told_how_it_ended_where_a_later_release_took_over(int[] failed, string found, NoticeTone tone, string tally)
    {
        var release = await RegisteredAsync(Channels);
        var (team, all) = (release.Channels["team"] = new FakeChannel(), release.Channels["all"] = new FakeChannel());
        foreach (var bad in failed)
        {
            Counters.Add(1000, bad);
            Pass(release, TimeSpan.FromMinutes(30));
            await CheckInAsync(release);
        }

        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Succeeded);
        Pass(release, TimeSpan.FromMinutes(30));

        var error = await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered");
        await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered");

        error.Message.ShouldContain($"shop-2.5.0-1 took over: there is nothing to look after any more; {found}.");
        foreach (var channel in new[] { team, all })
        {
            var notice = channel.Taken.Where(notice => notice.Title.Contains("was looked after", StringComparison.Ordinal)).ShouldHaveSingleItem();
            (notice.Title, notice.Tone).ShouldBe(($"shop 2.4.0 in production: was looked after until shop-2.5.0-1 took over; {found}", tone));
        }

        all.Taken[^1].Text.ShouldBe(tally);
        team.Taken[^1].Text.ShouldEndWith($"shop-2.5.0-1 took over: there is nothing to look after any more; {found}");
        var page = await File.ReadAllTextAsync(Path.Combine(release.Folder, "report.html"), TestContext.Current.CancellationToken);
        page.Contains($"It has ended. shop-2.5.0-1 took over: there is nothing to look after any more; {found}.", StringComparison.Ordinal).ShouldBe(failed.Length > 0);
        page.ShouldNotContain("It goes on.");
    }

    [Fact]
    public async Task A_report_says_who_ended_it()
    {
        var release = await RegisteredAsync();
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));
        await CheckInAsync(release);
        var path = Path.Combine(release.Folder, "report.html");
        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldContain("found everything well. It goes on.");

        await Desk(release).UnregisterAsync(await release.WindowAsync(), CancellationToken.None);
        await new DeploymentReport(release.Ports()).WriteAsync(await release.WindowAsync());

        (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ShouldContain("found everything well. It has ended. executor ended the extended monitoring.");
    }

    [Fact]
    public async Task The_team_is_told_what_changes_and_everybody_how_it_ends()
    {
        var release = await RegisteredAsync(Channels);
        var (team, all) = (release.Channels["team"] = new FakeChannel(), release.Channels["all"] = new FakeChannel());
        foreach (var bad in new[] { 0, 0, 200, 200, 0 })
        {
            Counters.Add(1000, bad);
            Pass(release, TimeSpan.FromMinutes(30));
            await CheckInAsync(release);
        }

        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromDays(1));
        await CheckInAsync(release);

        team.Taken.Select(notice => notice.Title["shop 2.4.0 in production: ".Length..]).TakeLast(4).ShouldBe(
            ["is Degraded since it was completed", "is Rollback since it was completed", "is Healthy since it was completed", "was looked after to the end and was Rollback at worst"]);
        all.Taken[^1].Title.ShouldEndWith("was looked after to the end and was Rollback at worst");
        (all.Taken[^1].Tone, all.Taken[^1].Text).ShouldBe((NoticeTone.Bad, "6 check-ins: 4 Healthy, 1 Degraded, 1 Rollback; 47 more were missed, and judged by those after them. The last found Healthy."));
        team.Taken[^1].Text.ShouldContain("\nCheck-in 6, after 47 that were missed: Healthy: ");
        all.Taken.Count(notice => notice.Title.Contains("since it was completed", StringComparison.Ordinal)).ShouldBe(0);
    }

    [Fact]
    public async Task A_channel_whose_variable_the_scheduler_does_not_know_keeps_no_check_in_from_being_made()
    {
        var release = await RegisteredAsync(
            "Notices = @( @{ Name = 'team'; Kind = 'Webhook'; Uri = 'env:HOOK' }, @{ Name = 'all'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:1/b' } )",
            variables: new() { ["HOOK"] = "http://127.0.0.1:1/t0ken-of-the-team" });
        var (team, all) = (release.Channels["team"] = new FakeChannel(), release.Channels["all"] = new FakeChannel());
        Counters.Add(1000, 200);
        Pass(release, TimeSpan.FromMinutes(30));
        release.Variables.Remove("HOOK");

        var made = await CheckInAsync(release);

        made.Verdict.ShouldBe(HealthVerdict.Degraded);
        team.Taken.ShouldBeEmpty();
        all.Taken[^1].Title.ShouldEndWith("is Degraded since it was completed");
        Reporter.Warnings[^1].ShouldStartWith("team did not take a notice, and ");
        Reporter.Warnings[^1].ShouldContain("'env:HOOK': The reference 'env:HOOK' yields nothing");

        release.Variables["HOOK"] = "http://127.0.0.1:1/t0ken-of-the-team";
        await new NoticeDesk(release.Ports(), Reporter).FlushAsync(await release.WindowAsync(), CancellationToken.None);
        team.Taken[^1].Title.ShouldEndWith("is Degraded since it was completed");
    }

    [Theory]
    [InlineData(PhaseOutcome.Succeeded)]
    [InlineData(PhaseOutcome.Failed)]
    public async Task Which_release_is_the_later_one_no_clock_decides(PhaseOutcome completion)
    {
        var release = await RegisteredAsync();
        release.Shop.Green.Version = "2.3.0";
        Pass(release, -TimeSpan.FromHours(1));
        await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", completion, epoch: 1);

        if (completion == PhaseOutcome.Succeeded)
        {
            (await Errors.OfAsync(() => CheckInAsync(release), "MonitoringNotRegistered")).Message.ShouldContain("shop-2.5.0-1 took over");
        }
        else
        {
            (await CheckInAsync(release)).Findings.ShouldContain(finding => finding.Detail.StartsWith("while shop-2.5.0-1 is on its way: ", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task An_earlier_release_takes_over_from_none_whatever_its_clock_said()
    {
        var release = await RegisteredAsync();
        await release.OpenAnotherAsync("shop-2.3.0-1", "2.3.0", PhaseOutcome.Succeeded, epoch: -1);
        Counters.Add(1000, 0);
        Pass(release, TimeSpan.FromMinutes(30));

        (await CheckInAsync(release)).Verdict.ShouldBe(HealthVerdict.Healthy);
    }
}
