using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Notices;

public sealed class NoticeDeskTests : IDisposable
{
    private const string Two = "Notices = @( @{ Name = 'team'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:9/team' }; @{ Name = 'all'; Kind = 'Webhook'; Uri = 'http://127.0.0.1:9/all'; Audience = 'Stakeholders' } )";

    private readonly ScriptedReporter reporter = new();
    private Release? opened;

    [Fact]
    public async Task Each_notice_is_sent_once_however_often_is_looked()
    {
        var release = await OpenAsync();

        (await FlushAsync()).ToString().ShouldBe("3 notices taken");
        (await FlushAsync()).ToString().ShouldBe("0 notices taken");
        await release.EndPhaseAsync(DeploymentPhase.Migration, PhaseOutcome.Succeeded);
        (await FlushAsync()).ToString().ShouldBe("1 notices taken");

        release.Channels["team"].Taken.Select(notice => notice.Key).ShouldBe(["shop-2.4.0-1/1", "shop-2.4.0-1/3", "shop-2.4.0-1/8"]);
        release.Channels["all"].Taken.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_a_dead_channel_did_not_take_it_gets_later_in_order_and_the_others_get_it_now()
    {
        var release = await OpenAsync();
        release.Channels["team"].IsDead = true;

        var first = await FlushAsync();
        await release.EndPhaseAsync(DeploymentPhase.Migration, PhaseOutcome.Succeeded);
        var second = await FlushAsync();
        release.Channels["team"].IsDead = false;
        var third = await FlushAsync();

        (first.Sent, first.Waiting).ShouldBe((1, 2));
        (second.Sent, second.Waiting).ShouldBe((0, 3));
        (third.Sent, third.Waiting).ShouldBe((3, 0));
        release.Channels["team"].Taken.Select(notice => notice.Title[(notice.Title.IndexOf(':') + 2)..]).ShouldBe(["is prepared", "Preparation succeeded", "Migration succeeded"]);
        reporter.Warnings.ShouldBe(
        [
            "team did not take a notice, and 2 wait for the next command: hooks.example.org does not answer: connection refused.",
            "team did not take a notice, and 3 wait for the next command: hooks.example.org does not answer: connection refused.",
        ]);
    }

    [Fact]
    public async Task A_run_that_ended_before_it_wrote_that_a_notice_was_taken_sends_it_again_with_the_same_key()
    {
        var release = await OpenAsync();
        await FlushAsync();
        var journal = release.Journal().Path;
        var lines = await File.ReadAllLinesAsync(journal, TestContext.Current.CancellationToken);
        // The last line never reached the disk.
        await File.WriteAllTextAsync(journal, string.Join('\n', lines[..^1]) + "\n", TestContext.Current.CancellationToken);

        await FlushAsync();

        var taken = release.Channels.Values.SelectMany(channel => channel.Taken).Select(notice => notice.Key).ToList();
        taken.Count.ShouldBe(4);
        taken.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task What_a_person_says_stands_in_the_log_and_goes_out_at_once()
    {
        var release = await OpenAsync();

        var delivery = await new NoticeDesk(release.Ports(), reporter).SendAsync(await release.WindowAsync(), "we wait", [NoticeAudience.Team], CancellationToken.None);

        delivery.Waiting.ShouldBe(0);
        release.Channels["team"].Taken[^1].Text.ShouldBe("we wait");
        release.Channels["all"].Taken.ShouldHaveSingleItem();
        (await release.RecordsAsync()).Single(record => record.Kind == JournalKind.Notice).Message.ShouldBe("executor to Team: we wait");
    }

    [Fact]
    public async Task A_log_that_cannot_be_trusted_is_warned_of_and_stops_nobody()
    {
        var release = await OpenAsync();
        var window = await release.WindowAsync();
        var lines = await File.ReadAllLinesAsync(release.Journal().Path, TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(release.Journal().Path, [lines[0].Replace("opened", "opendd", StringComparison.Ordinal), .. lines[1..]], TestContext.Current.CancellationToken);

        await new NoticeDesk(release.Ports(), reporter).TellAsync(window, CancellationToken.None);

        reporter.Warnings.ShouldHaveSingleItem().ShouldStartWith("Nobody was told how shop-2.4.0-1 goes: ");
    }

    [Fact]
    public async Task A_fault_within_a_channel_stops_nobody_and_loses_nothing()
    {
        var release = await OpenAsync();
        var window = await release.WindowAsync();
        release.Channels["team"].Fault = new InvalidOperationException("nobody thought of this");

        await new NoticeDesk(release.Ports(), reporter).TellAsync(window, CancellationToken.None);
        release.Channels["team"].Fault = null;

        reporter.Warnings.ShouldBe(["team did not take a notice, and 2 wait for the next command: InvalidOperationException: nobody thought of this"]);
        release.Channels["all"].Taken.ShouldHaveSingleItem();
        (await FlushAsync()).ToString().ShouldBe("2 notices taken");
    }

    [Fact]
    public async Task Whom_a_notice_that_was_taken_does_not_reach_is_warned_of()
    {
        var release = await OpenAsync();
        release.Channels["all"].Missed = "mail.example.org has no such receiver: gone@example.org.";

        (await FlushAsync()).ToString().ShouldBe("3 notices taken");

        reporter.Warnings.ShouldBe(["all: mail.example.org has no such receiver: gone@example.org."]);
    }

    [Fact]
    public async Task A_channel_that_gives_up_by_a_time_limit_of_its_own_stops_nobody()
    {
        var release = await OpenAsync();
        release.Channels["team"].Fault = new OperationCanceledException();

        (await FlushAsync()).ToString().ShouldBe("1 notices taken, 2 wait");
    }

    [Fact]
    public async Task What_waits_of_an_earlier_window_is_sent_when_the_next_one_begins()
    {
        var release = await OpenAsync();
        release.Channels["team"].IsDead = true;
        await FlushAsync();
        release.Channels["team"].IsDead = false;
        var next = await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Failed);

        await new NoticeDesk(release.Ports(), reporter).TellEarlierAsync(next, CancellationToken.None);

        release.Channels["team"].Taken.Select(notice => notice.Key).ShouldBe(["shop-2.4.0-1/1", "shop-2.4.0-1/3"]);
        (await FlushAsync()).ToString().ShouldBe("0 notices taken");
    }

    [Fact]
    public async Task What_is_older_than_two_weeks_holds_up_nobody()
    {
        var release = await OpenAsync();
        release.Channels["team"].IsDead = true;
        await FlushAsync();
        reporter.Warnings.Clear();
        release.Clock.Shift += TimeSpan.FromDays(15);

        await new NoticeDesk(release.Ports(), reporter).TellEarlierAsync(await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Failed), CancellationToken.None);

        reporter.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_channel_refuses_for_good_holds_up_nothing_after_it_and_is_told_once()
    {
        var release = await OpenAsync();
        release.Channels["team"].Fault = Refusal;
        release.Channels["team"].Faults = notice => notice.Title.EndsWith("is prepared", StringComparison.Ordinal);

        var first = await FlushAsync();
        var second = await FlushAsync();

        (first.Sent, first.Waiting, second.Sent, second.Waiting).ShouldBe((2, 0, 0, 0));
        release.Channels["team"].Taken.ShouldHaveSingleItem().Title.ShouldEndWith("Preparation succeeded");
        reporter.Warnings.ShouldBe(["team refuses a notice for good, and it is not sent there again: shop 2.4.0 in production: is prepared: hooks.example.org answered 413, which is about what was sent."]);
        (await release.RecordsAsync()).Single(record => record.Kind == JournalKind.NoticeRefused).Target.ShouldBe("team");
    }

    [Fact]
    public async Task A_channel_that_refuses_everything_by_how_it_is_set_loses_nothing()
    {
        var release = await OpenAsync();
        var team = release.Channels["team"];
        team.Fault = Refusal;

        var first = await FlushAsync();
        var second = await FlushAsync();
        team.Fault = null;
        var mended = await FlushAsync();

        (first.Sent, first.Waiting, second.Sent, second.Waiting, mended.Sent, mended.Waiting).ShouldBe((1, 2, 0, 2, 2, 0));
        team.Taken.Select(notice => notice.Key).ShouldBe(["shop-2.4.0-1/1", "shop-2.4.0-1/3"]);
        reporter.Warnings.Distinct().ShouldBe(["team refuses what it is sent, and 2 wait for the next command, the first of them 'shop 2.4.0 in production: is prepared': hooks.example.org answered 413, which is about what was sent."]);
        (await release.RecordsAsync()).ShouldNotContain(record => record.Kind == JournalKind.NoticeRefused);
    }

    [Fact]
    public async Task What_a_channel_refuses_waits_until_it_takes_one_after_it()
    {
        var release = await OpenAsync();
        release.Channels["team"].Fault = Refusal;
        release.Channels["team"].Faults = notice => notice.Title.EndsWith("Preparation succeeded", StringComparison.Ordinal);

        var first = await FlushAsync();
        var refusedAtFirst = (await release.RecordsAsync()).Count(record => record.Kind == JournalKind.NoticeRefused);
        await release.EndPhaseAsync(DeploymentPhase.Migration, PhaseOutcome.Succeeded);
        var second = await FlushAsync();

        (first.Sent, first.Waiting, refusedAtFirst, second.Sent, second.Waiting).ShouldBe((2, 1, 0, 1, 0));
        var records = (await release.RecordsAsync()).TakeLast(2).ToList();
        records.Select(record => record.Kind).ShouldBe([JournalKind.NoticeSent, JournalKind.NoticeRefused]);
        records[1].Message.ShouldStartWith("team refused shop-2.4.0-1/3: ");
    }

    [Fact]
    public async Task A_channel_that_dies_after_it_refused_one_loses_neither()
    {
        var release = await OpenAsync();
        var team = release.Channels["team"];
        team.Fault = Refusal;
        // It meets this on the first one, and every later one finds it dead.
        team.Faults = _ => team.IsDead = true;

        (await FlushAsync()).Waiting.ShouldBe(2);
        (team.IsDead, team.Fault) = (false, null);

        (await FlushAsync()).ToString().ShouldBe("2 notices taken");
        team.Taken.Select(notice => notice.Key).ShouldBe(["shop-2.4.0-1/1", "shop-2.4.0-1/3"]);
    }

    [Fact]
    public async Task An_earlier_window_that_is_damaged_keeps_no_other_from_being_told()
    {
        var release = await OpenAsync();
        var damaged = await CompleteAnotherAsync("shop-2.4.1-1", "2.4.1");
        await CompleteAnotherAsync("shop-2.4.2-1", "2.4.2");
        Directory.Delete(Path.Combine(damaged.Folder, "files"), recursive: true);

        await new NoticeDesk(release.Ports(), reporter).TellEarlierAsync(await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Failed), CancellationToken.None);

        release.Channels["team"].Taken.Select(notice => notice.Window).Distinct().ShouldBe(["shop-2.4.0-1", "shop-2.4.2-1"]);
        reporter.Warnings.ShouldHaveSingleItem().ShouldStartWith("Whether anything of shop-2.4.1-1 waits to be told cannot be seen: ");
    }

    [Fact]
    public async Task A_channel_that_does_not_answer_is_waited_for_once_however_many_windows_have_something_for_it()
    {
        var release = await OpenAsync();
        await CompleteAnotherAsync("shop-2.4.1-1", "2.4.1");
        await CompleteAnotherAsync("shop-2.4.2-1", "2.4.2");
        var next = await release.OpenAnotherAsync("shop-2.5.0-1", "2.5.0", PhaseOutcome.Failed);
        release.Channels["team"].IsDead = true;

        await new NoticeDesk(release.Ports(), reporter).TellEarlierAsync(next, CancellationToken.None);

        release.Channels["team"].Asked.ShouldBe(1);
        release.Channels["all"].Taken.Select(notice => notice.Window).ShouldBe(["shop-2.4.0-1", "shop-2.4.1-1", "shop-2.4.2-1"]);
        reporter.Warnings.ShouldBe(
        [
            "team did not take a notice, and 2 wait for the next command: hooks.example.org does not answer: connection refused.",
            "team has just not answered, and 2 of shop-2.4.1-1 wait for the next command.",
            "team has just not answered, and 2 of shop-2.4.2-1 wait for the next command.",
        ]);
        release.Channels["team"].IsDead = false;
        await new NoticeDesk(release.Ports(), reporter).TellEarlierAsync(next, CancellationToken.None);
        release.Channels["team"].Taken.Count.ShouldBe(6);
    }

    [Fact]
    public async Task Who_stops_a_command_waits_for_no_channel()
    {
        var release = await OpenAsync();

        await new NoticeDesk(release.Ports(), reporter).TellAsync(await release.WindowAsync(), new CancellationToken(canceled: true));

        release.Channels["team"].Taken.ShouldBeEmpty();
    }

    public void Dispose() => opened?.Dispose();

    private async Task<Release> OpenAsync()
    {
        opened = await Release.OpenAsync(more: Two);
        opened.Channels["team"] = new FakeChannel();
        opened.Channels["all"] = new FakeChannel();
        return opened;
    }

    private static DeployOpsException Refusal => new("NoticeRefused", FaultKind.InvalidData, "hooks.example.org answered 413, which is about what was sent.");

    private async Task<DeploymentWindow> CompleteAnotherAsync(string id, string version)
    {
        var window = await opened!.OpenAnotherAsync(id, version, PhaseOutcome.Succeeded);
        var kept = Directory.CreateDirectory(Path.Combine(window.Folder, "files"));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(opened.Folder, "files")))
        {
            File.Copy(file, Path.Combine(kept.FullName, Path.GetFileName(file)));
        }

        return window;
    }

    private async Task<NoticeDelivery> FlushAsync() => await new NoticeDesk(opened!.Ports(), reporter).FlushAsync(await opened.WindowAsync(), CancellationToken.None);
}
