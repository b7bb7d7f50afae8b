using DeployOps.Backups.Folders;
using DeployOps.Gates;
using DeployOps.Incidents;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;

namespace DeployOps.Core.Tests.Reports;

public sealed class CommunicationSectionTests
{
    [Fact]
    public void Each_notice_is_told_once_with_who_took_it_and_when()
    {
        var journal = new SampleJournal().Open().Prepare();
        Take(journal.After(2), "team", "shop-2.4.0-1/1", "shop 2.4.0 in production: is prepared");
        Take(journal.After(60), "mail", "shop-2.4.0-1/1", "shop 2.4.0 in production: is prepared");

        var page = ReadPage.Of(journal);

        var began = SampleJournal.Start;
        var (first, second) = (journal.Records[^2].Time, journal.Records[^1].Time);
        page.Row("communication", "shop 2.4.0 in production: is prepared").ShouldBe([$"{began:HH:mm:ss}", $"team at {first:HH:mm:ss}; mail at {second:HH:mm:ss}"]);
    }

    [Fact]
    public void Whether_an_incident_was_open_stands_here_for_each_phase_and_nowhere_else()
    {
        var journal = new SampleJournal().Open().Prepare()
            .Gate(DeploymentPhase.Preparation, GateResult.Pass(IncidentGate.Name, "none is open in freeze"))
            .Gate(DeploymentPhase.Rollout, GateResult.Unknown(IncidentGate.Name, "tracker: no answer"));

        var page = ReadPage.Of(journal);

        page.Row("communication", "Preparation")[1..].ShouldBe(["Pass", "none is open in freeze"]);
        page.Row("communication", "Rollout")[1..].ShouldBe(["Unknown", "tracker: no answer"]);
        page.Section("preparation").ShouldNotContain("none is open");
        page.Section("rollout").ShouldNotContain("tracker: no answer");
    }

    [Fact]
    public void A_notice_that_tells_of_no_record_of_this_log_is_told_by_when_it_was_taken()
    {
        var journal = new SampleJournal().Open().Prepare();
        Take(journal.After(5), "team", "strange", "something");

        ReadPage.Of(journal).Row("communication", "something")[0].ShouldBe($"{journal.Records[^1].Time:HH:mm:ss}");
    }

    [Fact]
    public void What_a_channel_refused_stands_beside_what_was_taken()
    {
        var journal = new SampleJournal().Open().Prepare();
        journal.Write(JournalKind.NoticeRefused, "team refused shop-2.4.0-1/1: is prepared: it answered 413", target: "team", detail: JournalJson.ToNode(new DeliveredNotice("shop-2.4.0-1/1", "is prepared")));

        ReadPage.Of(journal).Row("communication", "team")[1].ShouldBe("team refused shop-2.4.0-1/1: is prepared: it answered 413");
    }

    [Fact]
    public void Backups_of_settings_stand_beside_those_of_databases()
    {
        var journal = new SampleJournal().Open().Prepare();
        journal.Capture(DeploymentPhase.Preparation, "configuration/web", new FolderManifest
        {
            Name = "web",
            Folder = "/etc/web",
            File = "/backups/web-1.tar",
            Size = 2048,
            Sha256 = new string('a', 64),
            TakenAt = journal.Now,
            Entries = [new("site.conf", FolderEntryKind.File, UnixFileMode.UserRead, "0:0", 12, "c"), new("sites", FolderEntryKind.Folder, UnixFileMode.UserRead, "0:0", 0, "")],
        });

        ReadPage.Of(journal).Row("preparation", "web")[1..].ShouldBe(["2 KiB", "1", "/etc/web", "/backups/web-1.tar", new string('a', 64)]);
    }

    private static void Take(SampleJournal journal, string channel, string key, string title) =>
        journal.Write(JournalKind.NoticeSent, $"{channel} took {key}: {title}", target: channel, detail: JournalJson.ToNode(new DeliveredNotice(key, title)));
}
