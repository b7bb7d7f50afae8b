using System.Globalization;
using DeployOps.CheckIns;
using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Notices;

/// <summary>Decides what a channel is told, from the log alone: one message a change, in the order in which it happened. Pure.</summary>
internal static class NoticePlanner
{
    /// <summary>What was ever to be told to who reads this channel.</summary>
    internal static IEnumerable<Notice> Plan(WindowOpening opening, IReadOnlyList<JournalRecord> records, NoticeSpec channel)
    {
        var state = WindowState.Open;
        var health = HealthVerdict.Healthy;
        var looks = new List<HealthLook>();
        DateTimeOffset? opened = null;
        DateTimeOffset? from = null;
        foreach (var record in records)
        {
            opened ??= record.Kind == JournalKind.WindowOpened ? record.Time : null;
            state = After(state, record);
            if (record is { Kind: JournalKind.Captured, Target: CheckInRegistration.CaptureName } && record.Read<CheckInRegistration>() is { IsActive: true } registered && registered.From != from)
            {
                from = registered.From;
                looks.Clear();
            }

            if (record is { Kind: JournalKind.CheckIn, Target: CheckInRunner.Target })
            {
                var look = record.Read<HealthLook>();
                looks.Add(look);
                if (CheckedIn(opening, record, channel, looks, hasChanged: look.Verdict != health) is { } told)
                {
                    yield return told with { State = state, Opened = opened };
                }

                health = look.Verdict;
            }

            if (record is { Kind: JournalKind.Captured, Target: CheckInConclusion.CaptureName })
            {
                yield return TakenOver(opening, record, channel, looks) with { State = state, Opened = opened };
            }

            if (Of(opening, record, channel) is { } notice)
            {
                yield return notice with { State = state, Opened = opened };
            }
        }
    }

    private static WindowState After(WindowState state, JournalRecord record) => (record.Kind, record.Phase) switch
    {
        (JournalKind.PhaseStarted, DeploymentPhase.Rollback) => WindowState.RollingBack,
        (JournalKind.StopRequested, _) => record.Read<StopRequest>().GoBack ? WindowState.RollingBack : WindowState.Stopped,
        (JournalKind.PhaseEnded, DeploymentPhase.Completion or DeploymentPhase.Rollback) => record.Read<PhaseEnd>().Outcome switch
        {
            PhaseOutcome.Succeeded => WindowState.Completed,
            PhaseOutcome.RolledBack => WindowState.RolledBack,
            PhaseOutcome.RollbackFailed => WindowState.RollbackFailed,
            _ => state,
        },
        _ => state,
    };

    private static Notice? Of(WindowOpening opening, JournalRecord record, NoticeSpec channel)
    {
        var isTeam = channel.Audience.Contains(NoticeAudience.Team);
        return record.Kind switch
        {
            JournalKind.WindowOpened when isTeam => Opened(opening, record),
            JournalKind.PhaseStarted when record.Phase == DeploymentPhase.Rollback && isTeam => Make(opening, record, NoticeTone.Warning, "is going back", record.Message),
            JournalKind.PhaseEnded => Ended(opening, record, isTeam),
            JournalKind.Deviation when isTeam => Make(opening, record, NoticeTone.Warning, "goes another way than planned", record.Message),
            JournalKind.StopRequested when !record.Read<StopRequest>().GoBack => Make(opening, record, NoticeTone.Warning, "was stopped", isTeam ? record.Message : ""),
            JournalKind.Notice when record.Read<PersonalNotice>() is { } own && own.Audience.Intersect(channel.Audience).Any() => Make(opening, record, NoticeTone.Neutral, $"says {own.By}", own.Text),
            _ => null,
        };
    }

    // Days of check-ins are told by what changes, and by how they end.
    private static Notice? CheckedIn(WindowOpening opening, JournalRecord record, NoticeSpec channel, List<HealthLook> looks, bool hasChanged)
    {
        var look = looks[^1];
        var tone = Tone(look.Conclusion ?? look.Verdict);
        var isTeam = channel.Audience.Contains(NoticeAudience.Team);
        return (look.Conclusion, hasChanged && isTeam) switch
        {
            (HealthVerdict.Healthy, _) => Make(opening, record, tone, "was looked after to the end and was Healthy throughout", Closing(looks, record, isTeam)),
            ({ } worst, _) => Make(opening, record, tone, $"was looked after to the end and was {worst} at worst", Closing(looks, record, isTeam)),
            (null, true) => Make(opening, record, tone, $"is {look.Verdict} since it was completed", record.Message),
            _ => null,
        };
    }

    // Without a last check-in nobody would hear how it ended.
    private static Notice TakenOver(WindowOpening opening, JournalRecord record, NoticeSpec channel, List<HealthLook> looks)
    {
        var conclusion = record.Read<CheckInConclusion>();
        var text = (looks.Count, channel.Audience.Contains(NoticeAudience.Team)) switch
        {
            (0, true) => record.Message,
            (0, false) => "",
            (_, var isTeam) => Closing(looks, record, isTeam),
        };

        return Make(opening, record, conclusion.Worst is { } worst ? Tone(worst) : NoticeTone.Neutral, $"was looked after until {conclusion.By} took over; {conclusion.Found}", text);
    }

    private static NoticeTone Tone(HealthVerdict verdict) => verdict switch
    {
        HealthVerdict.Healthy => NoticeTone.Good,
        HealthVerdict.Rollback => NoticeTone.Bad,
        _ => NoticeTone.Warning,
    };

    private static string Closing(List<HealthLook> looks, JournalRecord record, bool isTeam) => isTeam ? $"{new CheckInTally(looks)}\n{record.Message}" : new CheckInTally(looks).ToString();

    private static Notice Opened(WindowOpening opening, JournalRecord record)
    {
        var roles = $"Executor {opening.Executor}, Lead {(opening.Lead.Length == 0 ? "nobody" : opening.Lead)}, Monitor {opening.Monitor}, Communicator {opening.Communicator ?? "nobody"}.";
        return Make(opening, record, NoticeTone.Neutral, "is prepared", $"{roles} {Until(opening)}");
    }

    private static string Until(WindowOpening opening) => string.Create(CultureInfo.InvariantCulture, $"Planned until {opening.EndsAt:yyyy-MM-dd HH:mm} UTC.");

    private static string Speaker(WindowOpening opening) => opening.Communicator is { } communicator ? $" {communicator} speaks for the team." : "";

    private static Notice? Ended(WindowOpening opening, JournalRecord record, bool isTeam)
    {
        var phase = record.RequirePhase();
        var outcome = record.Read<PhaseEnd>().Outcome;
        return (phase, outcome) switch
        {
            (DeploymentPhase.Completion, PhaseOutcome.Succeeded) => Make(opening, record, NoticeTone.Good, "is complete", isTeam ? record.Message : ""),
            (DeploymentPhase.Rollback, PhaseOutcome.RolledBack) => Make(opening, record, NoticeTone.Warning, "went back", record.Message),
            (DeploymentPhase.Rollback, PhaseOutcome.RollbackFailed) => Make(opening, record, NoticeTone.Bad, "could not go back and needs a person", record.Message),
            // Only now is it certain that it begins: probes, incidents and backups were in order.
            (DeploymentPhase.Preparation, PhaseOutcome.Succeeded) when !isTeam => Make(opening, record, NoticeTone.Neutral, "begins", $"{Until(opening)}{Speaker(opening)}"),
            _ when !isTeam => null,
            (_, PhaseOutcome.Succeeded) => Make(opening, record, NoticeTone.Good, $"{phase} succeeded", record.Message),
            (_, PhaseOutcome.Failed) => Make(opening, record, NoticeTone.Bad, $"{phase} failed", record.Message),
            _ => Make(opening, record, NoticeTone.Warning, $"{phase} ended {outcome}", record.Message),
        };
    }

    private static Notice Make(WindowOpening opening, JournalRecord record, NoticeTone tone, string what, string text) => new(
        string.Create(CultureInfo.InvariantCulture, $"{opening.Id}/{record.Seq}"),
        opening.Id,
        opening.Service,
        opening.Environment,
        opening.Release,
        record.Time,
        WindowState.Open,
        record.Hash,
        tone,
        $"{opening.Service} {opening.Release} in {opening.Environment}: {what}",
        text);
}
