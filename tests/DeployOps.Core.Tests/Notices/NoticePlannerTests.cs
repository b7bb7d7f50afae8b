using DeployOps.Core.Tests.Support;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Core.Tests.Notices;

public sealed class NoticePlannerTests : IDisposable
{
    private static readonly NoticeSpec Team = new() { Name = "team", Kind = "Webhook" };
    private static readonly NoticeSpec Stakeholders = new() { Name = "all", Kind = "Mail", Audience = [NoticeAudience.Stakeholders] };
    private static readonly NoticeSpec Both = new() { Name = "both", Kind = "Webhook", Audience = [NoticeAudience.Stakeholders, NoticeAudience.Team] };

    private Release? opened;

    [Fact]
    public async Task The_team_is_told_of_the_roles_and_of_each_phase()
    {
        var release = await OpenAsync();
        await release.EndPhaseAsync(DeploymentPhase.Migration, PhaseOutcome.Succeeded);
        await release.EndPhaseAsync(DeploymentPhase.Rollout, PhaseOutcome.Failed);

        var told = await PlanAsync(Team);

        told.Select(notice => notice.Title).ShouldBe(
        [
            "shop 2.4.0 in production: is prepared", "shop 2.4.0 in production: Preparation succeeded", "shop 2.4.0 in production: Migration succeeded", "shop 2.4.0 in production: Rollout failed",
        ]);
        told[0].Text.ShouldStartWith("Executor executor, Lead release-lead, Monitor , Communicator nobody. Planned until 2026-03-05 22:00 UTC.");
        told.Select(notice => notice.Tone).ShouldBe([NoticeTone.Neutral, NoticeTone.Good, NoticeTone.Good, NoticeTone.Bad]);
    }

    [Fact]
    public async Task Stakeholders_are_told_when_it_begins_and_how_it_ends()
    {
        var release = await OpenAsync();
        await release.EndPhaseAsync(DeploymentPhase.Migration, PhaseOutcome.Succeeded);
        await release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);

        (await PlanAsync(Stakeholders)).Select(notice => notice.ToString()).ShouldBe(
            ["shop 2.4.0 in production: begins: Planned until 2026-03-05 22:00 UTC.", "shop 2.4.0 in production: is complete"]);
    }

    [Fact]
    public async Task Each_notice_says_how_the_window_stands_and_which_line_of_the_log_it_tells()
    {
        var release = await OpenAsync();
        await release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);
        await release.AskToStopAsync(goBack: true);
        await release.EndPhaseAsync(DeploymentPhase.Rollback, PhaseOutcome.RolledBack);

        var told = await PlanAsync(Team);

        told.Select(notice => notice.State).ShouldBe([WindowState.Open, WindowState.Open, WindowState.Completed, WindowState.RollingBack, WindowState.RolledBack]);
        var records = await release.RecordsAsync();
        told.ShouldAllBe(notice => records.Single(record => notice.Key == $"shop-2.4.0-1/{record.Seq}").Hash == notice.Head);
    }

    [Fact]
    public async Task Stakeholders_are_told_of_no_beginning_that_the_preparation_kept_from_being()
    {
        opened = await Release.OpenAsync(prepared: false);
        await opened.EndPhaseAsync(DeploymentPhase.Preparation, PhaseOutcome.Failed);

        (await PlanAsync(Stakeholders)).ShouldBeEmpty();
        (await PlanAsync(Team)).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(PhaseOutcome.RolledBack, "went back", NoticeTone.Warning)]
    [InlineData(PhaseOutcome.RollbackFailed, "could not go back and needs a person", NoticeTone.Bad)]
    public async Task Going_back_is_told_to_everybody_once_it_ended(PhaseOutcome outcome, string what, NoticeTone tone)
    {
        var release = await OpenAsync();
        await release.EndPhaseAsync(DeploymentPhase.Rollback, outcome);

        (await PlanAsync(Stakeholders)).Select(notice => (notice.Title, notice.Tone)).Last().ShouldBe(($"shop 2.4.0 in production: {what}", tone));
        (await PlanAsync(Team)).Select(notice => notice.Title).TakeLast(2).ShouldBe(["shop 2.4.0 in production: is going back", $"shop 2.4.0 in production: {what}"]);
    }

    [Fact]
    public async Task Stopping_is_told_and_asking_to_go_back_is_not_told_twice()
    {
        var release = await OpenAsync();
        await release.AskToStopAsync(goBack: true);
        (await PlanAsync(Stakeholders)).Count.ShouldBe(1);

        await release.AskToStopAsync();

        (await PlanAsync(Stakeholders))[^1].Title.ShouldBe("shop 2.4.0 in production: was stopped");
    }

    [Fact]
    public async Task Who_is_team_and_stakeholder_is_told_once()
    {
        var release = await OpenAsync();
        await release.EndPhaseAsync(DeploymentPhase.Completion, PhaseOutcome.Succeeded);

        var told = await PlanAsync(Both);

        told.Count.ShouldBe(3);
        told.Select(notice => notice.Key).ShouldBeUnique();
    }

    [Fact]
    public async Task A_key_names_the_window_and_the_record()
    {
        await OpenAsync();

        (await PlanAsync(Team)).Select(notice => notice.Key).ShouldBe(["shop-2.4.0-1/1", "shop-2.4.0-1/3"]);
    }

    [Fact]
    public async Task What_a_person_says_is_told_to_whom_it_is_for()
    {
        var release = await OpenAsync();
        await release.Journal().AppendAsync(new JournalEntry(JournalKind.Notice, "executor to Stakeholders: the shop is read-only")
        {
            Detail = JournalJson.ToNode(new PersonalNotice("executor", "the shop is read-only", [NoticeAudience.Stakeholders])),
        });

        (await PlanAsync(Stakeholders))[^1].ToString().ShouldBe("shop 2.4.0 in production: says executor: the shop is read-only");
        (await PlanAsync(Team)).Count.ShouldBe(2);
    }

    public void Dispose() => opened?.Dispose();

    private async Task<Release> OpenAsync() => opened = await Release.OpenAsync();

    private async Task<List<Notice>> PlanAsync(NoticeSpec channel) => [.. NoticePlanner.Plan((await opened!.FactsAsync()).Opening, await opened.RecordsAsync(), channel)];
}
