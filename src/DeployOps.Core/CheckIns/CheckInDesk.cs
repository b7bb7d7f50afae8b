using DeployOps.CheckIns.Schedulers;
using DeployOps.Health;
using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Reports;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps.CheckIns;

/// <summary>Registers, tells, makes and ends the check-ins of a completed window.</summary>
public sealed class CheckInDesk
{
    private const string ItsEnd = "Extended monitoring has come to its end";

    private static readonly TimeSpan TurnPatience = TimeSpan.FromSeconds(30);

    private readonly Ports ports;
    private readonly IStepReporter reporter;

    /// <summary>Makes the desk.</summary>
    public CheckInDesk(Ports ports, IStepReporter reporter)
    {
        this.ports = ports;
        this.reporter = reporter;
    }

    /// <summary>What registering would write and start; nothing is changed. Channels that check-ins could not open are warned of.</summary>
    /// <exception cref="DeployOpsException"><c>MonitoringTimeInvalid</c>; <c>IntervalNotForCron</c>; <c>CheckInVariables</c>: what is watched stands in variables that a scheduler does not know.</exception>
    public async Task<(ExtendedMonitoring Planned, ScheduledCheckIn Schedule)> PlanAsync(DeploymentWindow window, CheckInOrder order)
    {
        ArgumentNullException.ThrowIfNull(window);
        ArgumentNullException.ThrowIfNull(order);
        var plan = await PlanOfAsync(window);
        var spec = plan.Plan.ExtendedMonitoring ?? new ExtendedMonitoringSpec();
        var (every, duration) = (order.Every ?? spec.Every, order.Duration ?? spec.Duration);
        RequirePossible(every, duration);
        var now = ports.TimeProvider.GetUtcNow();
        var schedule = new ScheduledCheckIn(window.Id, now, every, order.Command, order.Scheduler ?? Scheduler.Find(), order.Scope, order.Folder);
        RequireReferences(window, plan, schedule);
        var registration = new CheckInRegistration
        {
            From = now,
            Until = now + duration,
            Every = every,
            Scheduler = schedule.Scheduler ?? CheckInScheduler.None,
            Scope = schedule.Scope,
            Account = Environment.UserName,
            ModuleVersion = ports.ModuleVersion,
            Files = [.. Scheduler.Files(schedule).Select(file => file.Path)],
            Command = order.Command.ToShell(),
        };

        return (new ExtendedMonitoring { Window = window, Registration = registration, CheckIns = 0, Due = now + every, Outcome = PhaseOutcome.Planned }, schedule);
    }

    /// <summary>What completing a window still has to register: what registering would write and start, or null where the plan wants no check-ins, or a scheduler has taken them, or somebody ended them.</summary>
    /// <exception cref="DeployOpsException">As <see cref="PlanAsync"/>.</exception>
    public async Task<(ExtendedMonitoring Planned, ScheduledCheckIn Schedule)?> OwedAsync(DeploymentWindow window, CheckInOrder order) =>
        await SpecAsync(window) is null || (await FindAsync(window)).Registration is { IsPending: false } ? null : await PlanAsync(window, order);

    /// <summary>What the plan of a window says of check-ins; null where it wants none.</summary>
    public async Task<ExtendedMonitoringSpec?> SpecAsync(DeploymentWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return (await PlanOfAsync(window)).Plan.ExtendedMonitoring;
    }

    private async Task<WindowPlan> PlanOfAsync(DeploymentWindow window)
    {
        if (window.State == WindowState.Planned)
        {
            return WindowPlan.OnDisk(window.PlanPath, ports);
        }

        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        return WindowPlan.InForce(session, ports, SparedSections.CheckingIn);
    }

    // What this terminal's variables hold is written into no unit: a unit file is read by anybody.
    private void RequireReferences(DeploymentWindow window, WindowPlan plan, ScheduledCheckIn schedule)
    {
        var needed = CheckInReferences.Needed(plan.Plan, plan.Uses);
        if (needed.Count > 0 && schedule is { Scheduler: not CheckInScheduler.None, Folder: null })
        {
            throw new DeployOpsException(
                "CheckInVariables",
                FaultKind.InvalidOperation,
                $"A scheduler starts check-ins without the variables of this terminal, and {string.Join(", ", needed)} of the plan of {window.Id} would yield nothing.",
                "Let it be file:PATH in the next plan; or give -Scheduler None, and have the command that is emitted run where they are set.");
        }

        if (needed.Count > 0)
        {
            reporter.Warn($"Check-ins of {window.Id} need variables: {string.Join(", ", needed)}. Run the command where they are set.");
        }

        if (CheckInReferences.OfChannels(plan.Uses) is { Count: > 0 } silent)
        {
            reporter.Warn($"A check-in of {window.Id} that is started without the variables of this terminal tells nobody by {string.Join(", ", silent)}: its notices wait until a command runs where they are set.");
        }
    }

    /// <summary>
    /// Writes down where everything stands and that check-ins are to come, has the scheduler start them, and writes down that it took them. A run that ended in between is gone on with from where
    /// everything stood then: what the scheduler may have is written over.
    /// </summary>
    /// <exception cref="DeployOpsException"><c>WindowNotCompleted</c>; <c>MonitoringRegistered</c>; <c>CheckInBusy</c>; <c>SchedulerMissing</c>; <c>SchedulerFailed</c>: the log then says that none are started.</exception>
    public async Task<ExtendedMonitoring> RegisterAsync(ExtendedMonitoring planned, ScheduledCheckIn schedule, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(schedule);
        // Of two at once the later one sees what the earlier one wrote.
        using var turn = await TurnAsync(planned.Window, cancellationToken);
        await using var session = await WindowSession.OpenAsync(planned.Window.Folder, ports);
        RequireFree(session);
        if (schedule.Scheduler is null)
        {
            throw Scheduler.Missing();
        }

        var registration = await BeginAsync(session, planned.Registration!, cancellationToken);
        // Before the scheduler: what it starts looks for this.
        await WriteAsync(session, registration, $"Check-ins: {planned.Summary}");
        try
        {
            await Scheduler.InstallAsync(schedule, cancellationToken);
            registration = registration with { InstalledAt = session.Now };
            await WriteAsync(session, registration, $"{registration.Scheduler} took the check-ins");
            if (await Scheduler.EndsWithLogoutAsync(schedule, cancellationToken) is { } caveat)
            {
                reporter.Warn(caveat);
            }
        }
        catch (Exception e) when (e is DeployOpsException or OperationCanceledException)
        {
            await TakeBackAsync(session, registration);
            await WriteAsync(session, registration with { InstalledAt = null, EndedAt = session.Now }, $"{registration.Scheduler} took no check-ins");
            throw;
        }

        return planned with { Window = session.Window, Registration = registration, Outcome = PhaseOutcome.Succeeded };
    }

    // What an earlier run began, and nobody knows whether a scheduler has it, is judged by from where that run began.
    private async Task<CheckInRegistration> BeginAsync(WindowSession session, CheckInRegistration planned, CancellationToken cancellationToken)
    {
        if (Registration(session) is { IsActive: true } begun)
        {
            if (begun.Scheduler != planned.Scheduler || begun.Scope != planned.Scope || !begun.Files.SequenceEqual(planned.Files))
            {
                await TakeBackAsync(session, begun);
            }

            return planned with { From = begun.From };
        }

        await session.CaptureAsync(DeploymentPhase.Completion, CheckInState.CaptureName, await new CheckInRunner(ports, reporter).BeginAsync(session, cancellationToken), "Extended monitoring goes on from here");
        return planned;
    }

    // Whatever stopped it, a timer that was begun is not left to start what the log says has ended.
    private async Task TakeBackAsync(WindowSession session, CheckInRegistration registration)
    {
        try
        {
            await Scheduler.RemoveAsync(session.Facts.Opening.Id, registration, CancellationToken.None);
        }
        catch (DeployOpsException e)
        {
            reporter.Warn($"What was begun for the check-ins of {session.Facts.Opening.Id} could not be taken back, and each that is started still ends with 3 and tries that again: {e.Fact}");
        }
    }

    /// <summary>How the check-ins of a window stand.</summary>
    public async Task<ExtendedMonitoring> FindAsync(DeploymentWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (window.State == WindowState.Planned)
        {
            return new ExtendedMonitoring { Window = window, CheckIns = 0 };
        }

        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        return Standing(session, Registration(session));
    }

    /// <summary>What the next check-in would look at; nothing is asked.</summary>
    public async Task<ExtendedCheckIn> PlanCheckInAsync(DeploymentWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        var now = ports.TimeProvider.GetUtcNow();
        if (window.State == WindowState.Planned)
        {
            return CheckInRunner.Planned(window, now, now);
        }

        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        return CheckInRunner.Planned(session.Window, now, session.Facts.Captured<CheckInState>(CheckInState.CaptureName)?.Time ?? now);
    }

    /// <summary>
    /// Makes one check-in, tells the team what changed, and ends the monitoring where its time is over, the release went back or a later one took over. Where the scheduler could not be ended, the
    /// next one looks at nothing any more and tries that again.
    /// </summary>
    /// <exception cref="DeployOpsException"><c>MonitoringNotRegistered</c>; <c>CheckInBusy</c>; <c>CheckInUnreadable</c>: another version of DeployOps left what this one cannot read; <c>SchedulerFailed</c>, after everybody was told how it ended; what reading the plan throws.</exception>
    public async Task<ExtendedCheckIn> CheckInAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        using var turn = await TurnAsync(window, cancellationToken);
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        try
        {
            return await CheckInAsync(session, cancellationToken);
        }
        catch (DeployOpsException e) when (e.ErrorId == "JournalRecordInvalid")
        {
            throw Unreadable(session, e);
        }
    }

    // The module may have been updated between two of them, or taken back.
    private DeployOpsException Unreadable(WindowSession session, DeployOpsException error)
    {
        var opening = session.Facts.Opening;
        return new DeployOpsException(
            "CheckInUnreadable",
            FaultKind.InvalidData,
            $"What DeployOps left of {opening.Id}, whose window was opened by version {opening.ModuleVersion}, cannot be read by this one, {ports.ModuleVersion}, so nothing was looked at: {error.Fact}",
            "Make the check-ins by the version that made them before; or unregister them by that one and register them anew by this one.",
            error);
    }

    private async Task<ExtendedCheckIn> CheckInAsync(WindowSession session, CancellationToken cancellationToken)
    {
        var registration = await RequireActiveAsync(session);
        if ((Over(session, registration) ?? await OvertakenAsync(session, registration)) is { } over)
        {
            await LeaveAsync(session, registration, over, cancellationToken);
            throw NotRegistered(session);
        }

        var made = await new CheckInRunner(ports, reporter).RunAsync(session, registration, cancellationToken);
        try
        {
            await new NoticeDesk(ports, reporter).TellAsync(made.Window, cancellationToken);
            // What was found is told by the exit code, whatever becomes of the report.
            await new DeploymentReport(ports).RefreshAsync(made.Window, reporter);
        }
        finally
        {
            if (made.IsLast)
            {
                await EndAsync(session, registration, ItsEnd, cancellationToken);
            }
        }

        return made;
    }

    // Whatever keeps the scheduler from being ended, everybody is told how the monitoring ended.
    private async Task LeaveAsync(WindowSession session, CheckInRegistration registration, string over, CancellationToken cancellationToken)
    {
        await new NoticeDesk(ports, reporter).TellAsync(session.Window, cancellationToken);
        try
        {
            await EndAsync(session, registration, over, cancellationToken);
        }
        finally
        {
            await new DeploymentReport(ports).RefreshAsync(session.Window, reporter);
        }
    }

    // Two at once would both judge the same stretch, and the later one would begin where the earlier one had begun.
    private async Task<IDisposable> TurnAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        var path = Path.Combine(window.Folder, "check-in.lock");
        try
        {
            return await HeldFile.TakeAsync(path, TurnPatience, ports.TimeProvider, cancellationToken)
                ?? throw new DeployOpsException("CheckInBusy", FaultKind.Busy, $"Another check-in of {window.Id} is being made, or registered.", "Wait for it; the next one judges everything since.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("CheckInBusy", FaultKind.Failed, $"{path}, by which check-ins take turns, cannot be locked: {e.Message.TrimEnd('.')}.", "Let this account write there.", e);
        }
    }

    // Why there is nothing to look at any more; null where there is.
    private static string? Over(WindowSession session, CheckInRegistration registration)
    {
        if (session.Facts.State != WindowState.Completed)
        {
            return $"The release is {session.Facts.State}: there is nothing to look after any more";
        }

        // By their order, not by the clock, which may have been set back in between.
        if (session.Facts.Captured<CheckInConclusion>(CheckInConclusion.CaptureName) is { } concluded && session.Facts.SeqOfCapture(CheckInConclusion.CaptureName) > session.Facts.SeqOfCapture(CheckInRegistration.CaptureName))
        {
            return concluded.Reason;
        }

        return Looks(session, registration).Any(look => look.Conclusion is not null) ? ItsEnd : null;
    }

    // What serves now is the later release: this one's limits and version are no measure of it.
    private async Task<string?> OvertakenAsync(WindowSession session, CheckInRegistration registration)
    {
        var later = (await WindowCatalog.LaterAsync(session, ports)).FirstOrDefault(window => window.State == WindowState.Completed);
        if (later is null)
        {
            return null;
        }

        // Before anybody is told: the log is what they are told from.
        var conclusion = CheckInConclusion.Of(Looks(session, registration), later.Id, session.Now);
        await session.CaptureAsync(DeploymentPhase.Completion, CheckInConclusion.CaptureName, conclusion, conclusion.Reason);

        return conclusion.Reason;
    }

    private static List<HealthLook> Looks(WindowSession session, CheckInRegistration registration) => [.. CheckInRunner.Looks(session.Records).Where(look => look.Time >= registration.From)];

    /// <summary>Has the scheduler start no more check-ins.</summary>
    /// <exception cref="DeployOpsException"><c>MonitoringNotRegistered</c>; <c>CheckInBusy</c>; <c>SchedulerFailed</c>.</exception>
    public async Task<ExtendedMonitoring> UnregisterAsync(DeploymentWindow window, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        // Whoever registers has the scheduler begin after writing that down: ended in between, it would begin all the same.
        using var turn = await TurnAsync(window, cancellationToken);
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        var ended = await EndAsync(session, await RequireActiveAsync(session), $"{ports.Operator.Name} ended the extended monitoring", cancellationToken);

        return Standing(session, ended);
    }

    private static async Task<CheckInRegistration> EndAsync(WindowSession session, CheckInRegistration registration, string words, CancellationToken cancellationToken)
    {
        await Scheduler.RemoveAsync(session.Facts.Opening.Id, registration, cancellationToken);
        var ended = registration with { EndedAt = session.Now, Reason = words };
        await WriteAsync(session, ended, words);

        return ended;
    }

    private static Task WriteAsync(WindowSession session, CheckInRegistration registration, string words) =>
        session.CaptureAsync(DeploymentPhase.Completion, CheckInRegistration.CaptureName, registration, words);

    // What another version left keeps nobody from ending it.
    private static DateTimeOffset? LastLook(WindowSession session)
    {
        try
        {
            return session.Facts.Captured<CheckInState>(CheckInState.CaptureName)?.Time;
        }
        catch (DeployOpsException e) when (e.ErrorId == "JournalRecordInvalid")
        {
            return null;
        }
    }

    private static CheckInRegistration? Registration(WindowSession session) => session.Facts.Captured<CheckInRegistration>(CheckInRegistration.CaptureName);

    private static ExtendedMonitoring Standing(WindowSession session, CheckInRegistration? registration)
    {
        var looks = CheckInRunner.Looks(session.Records).ToList();
        var last = LastLook(session) ?? registration?.From;
        return new ExtendedMonitoring
        {
            Window = session.Window,
            Registration = registration,
            CheckIns = looks.Count,
            Missed = looks.Sum(look => look.Missed),
            Last = looks.Count == 0 ? null : looks[^1].Verdict,
            Due = registration is { IsActive: true } active ? last + active.Every : null,
        };
    }

    // What a scheduler starts though the log says that it has ended would be started for ever: what is left there is taken away.
    private async Task<CheckInRegistration> RequireActiveAsync(WindowSession session)
    {
        switch (Registration(session))
        {
            case { IsActive: true } registration:
                return registration;
            case { } ended:
                await TakeBackAsync(session, ended);
                throw NotRegistered(session);
            default:
                throw NotRegistered(session);
        }
    }

    private static DeployOpsException NotRegistered(WindowSession session) => new(
        "MonitoringNotRegistered",
        FaultKind.NotFound,
        $"{session.Facts.Opening.Id}, which is {session.Facts.State}, has no extended monitoring{(Registration(session) is { EndedAt: { } ended } gone ? $" any more: it ended {ended.UtcDateTime:u}{(gone.Reason.Length == 0 ? "" : $": {gone.Reason}")}" : "")}.",
        "Register-ExtendedMonitoring begins it for a completed window.");

    private static void RequireFree(WindowSession session)
    {
        if (session.Facts.State != WindowState.Completed)
        {
            throw new DeployOpsException(
                "WindowNotCompleted",
                FaultKind.InvalidOperation,
                $"{session.Facts.Opening.Id} is {session.Facts.State}; what is looked after for days is a release that was completed.",
                "Complete it first; until then Watch-DeploymentHealth watches.");
        }

        if (Registration(session) is { IsActive: true, IsPending: false } standing)
        {
            throw new DeployOpsException(
                "MonitoringRegistered",
                FaultKind.InvalidOperation,
                $"{session.Facts.Opening.Id} is looked after already, until {standing.Until:u}.",
                "Unregister-ExtendedMonitoring ends that.");
        }
    }

    private static void RequirePossible(TimeSpan every, TimeSpan duration)
    {
        if (every < ExtendedMonitoringSpec.Shortest || every > ExtendedMonitoringSpec.LongestInterval || duration < ExtendedMonitoringSpec.Shortest || duration > ExtendedMonitoringSpec.LongestDuration)
        {
            throw new DeployOpsException("MonitoringTimeInvalid", FaultKind.InvalidData, $"A check-in every {every} for {duration} is not possible.", "The interval may be 1 minute to 1 day, the duration 1 minute to 14 days.");
        }
    }
}
