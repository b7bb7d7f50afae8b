using DeployOps.Journal;
using DeployOps.Notices;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Preparation;
using DeployOps.Production;
using DeployOps.Reports;
using DeployOps.Rollbacks;
using DeployOps.Windows.Homes;
using DeployOps.Windows.Locks;

namespace DeployOps.Windows;

/// <summary>
/// Opens a window: plan valid and approved, lock taken, roles filled, then the preparation. Run again it resumes the open window of the same
/// approval; an approval opens one window, so when that has ended it is given back as it ended.
/// </summary>
public sealed class WindowOpener
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    private readonly Ports ports;
    private readonly IStepReporter reporter;
    private readonly StartRequest request;

    /// <summary>Makes the opener for one start.</summary>
    public WindowOpener(Ports ports, IStepReporter reporter, StartRequest request)
    {
        this.ports = ports;
        this.reporter = reporter;
        this.request = request;
    }

    /// <summary>The window once it is opened or resumed, also where its preparation fails then; null before.</summary>
    public DeploymentWindow? Opened { get; private set; }

    /// <summary>Reads and judges everything without changing anything.</summary>
    /// <exception cref="DeployOpsException">Why the window may not be opened.</exception>
    public async Task<PreparedWindow> PrepareAsync(CancellationToken cancellationToken)
    {
        var force = WindowPlan.OnDisk(request.PlanPath, ports);
        return await ToldAsync(() => PrepareAsync(force, cancellationToken));
    }

    private async Task<PreparedWindow> PrepareAsync(WindowPlan force, CancellationToken cancellationToken)
    {
        var approval = ApprovalFile.Read(force.Plan.Path);
        var folder = ports.Home.Environment(force.Plan.Service, force.Plan.Environment);
        if (await EarlierAsync(folder, force, approval) is { } earlier)
        {
            return earlier;
        }

        var deviations = Deviations(force, approval);
        if (await UnsettledAsync(folder) is { } unsettled)
        {
            deviations.Add(request.Deviation is null ? throw unsettled : new PlanDeviation(unsettled.ErrorId, unsettled.Fact));
        }

        if (deviations.Count > 0 && request.Deviation is null)
        {
            throw Refused(deviations, force.Plan);
        }

        var window = Planned(force, approval);
        var context = new PhaseContext
        {
            Plan = force.Plan,
            Files = force.Files,
            OpenSession = null,
            Ports = ports,
            Reporter = reporter,
            Token = cancellationToken,
            Window = window,
            Deviation = request.Deviation,
        };
        var preparation = await new PreparationPhase().PlanAsync(context);

        return new PreparedWindow(window with { Checks = preparation.Checks }, preparation, force, approval, deviations);
    }

    /// <summary>Opens or resumes the window and prepares the release.</summary>
    /// <exception cref="DeployOpsException">What failed; nothing was changed in production.</exception>
    public Task<DeploymentWindow> OpenAsync(PreparedWindow prepared, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        return ToldAsync(() => OpenNowAsync(prepared, cancellationToken));
    }

    private async Task<DeploymentWindow> OpenNowAsync(PreparedWindow prepared, CancellationToken cancellationToken)
    {
        var plan = prepared.Plan.Plan;
        var environment = ports.Home.Environment(plan.Service, plan.Environment);
        var roles = await RoleCall.FillAsync(plan, prepared.Approval, ports.Operator.Name, request.Team, reporter, cancellationToken);
        var held = await EnvironmentLock.TakeAsync(environment, ports.Operator.Name, LockPatience, ports.TimeProvider, cancellationToken);
        try
        {
            // Looked for again under the lock: another process may have opened it since this one was planned.
            var earlier = await EarlierAsync(environment, prepared.Plan, prepared.Approval);
            if (earlier is { IsDone: true })
            {
                held.Dispose();
                return earlier.Window;
            }

            if (earlier is null && request.Deviation is null && await UnsettledAsync(environment) is { } unsettled)
            {
                throw unsettled;
            }

            var folder = earlier is null ? await CreateAsync(prepared, roles, held) : await DeviateAsync(earlier, held);
            return await CarryOnAsync(folder, held, cancellationToken);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // What a window's own phase meets is told by that; here it is what keeps a window from being opened.
    private async Task<T> ToldAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (DeployOpsException e) when (e.Production is null)
        {
            var next = NextCommand.Of(e, e.Command ?? NextCommand.Start(request.PlanPath));
            throw PhaseFailure.Told(e, $"Preparation did not begin: {PhaseFailure.Sentence(e.Fact)}", "this command changed nothing and opened no window.", next, e.Target ?? request.PlanPath);
        }
    }

    private async Task<DeploymentWindow> CarryOnAsync(string folder, EnvironmentLock held, CancellationToken cancellationToken)
    {
        var state = await StateAsync(folder);
        Opened = state;
        if (state.State == WindowState.RollingBack)
        {
            await using var session = await WindowSession.OpenAsync(folder, ports);
            await session.AdoptAsync(held);
            reporter.Warn($"{state.Id} was going back when an earlier run ended; that is finished first.");
            var rollback = await new RollbackRunner(ports, reporter).RunAsync(session, new RollbackOrder("an earlier run ended while it was going back").CarryingOn(session.Facts), cancellationToken);
            new DeploymentReport(ports).Refresh(session, reporter);
            return RollbackRunner.Ending(session, rollback) is { Error: { } failed } ? throw failed : rollback.Result.Window!;
        }

        // The roles are announced before the work begins.
        await new NoticeDesk(ports, reporter).TellAsync(state, cancellationToken);
        var runner = new PhaseRunner(ports, reporter, request.Deviation);
        var phase = await runner.PrepareAsync(state, new PreparationPhase(), cancellationToken);
        var ending = await runner.RunAsync(phase, cancellationToken, held);
        return ending.Error is { } error
            ? throw error
            : ending.Result.Window!;
    }

    // An approval opens one window. Of another approval only a window that still goes on matters: it is carried on with a reason, or it is in the way.
    private async Task<PreparedWindow?> EarlierAsync(string environmentFolder, WindowPlan force, PlanApproval? approval)
    {
        foreach (var (window, facts) in await WindowCatalog.OfEnvironmentAsync(environmentFolder, ports))
        {
            // A deviation may have taken other files into force since the window was opened.
            var isSame = (window.Digest == force.Files.Digest || facts.Digest == force.Files.Digest) && facts.ApprovedAt == approval?.At;
            var goesOn = window.State is WindowState.Open or WindowState.RollingBack;
            if (goesOn || (isSame && approval is not null))
            {
                var needs = goesOn ? Needs(window, facts, force, approval, isSame) : [];
                return needs.Count == 0 || request.Deviation is not null ? Earlier(window, facts, force, approval, needs) : throw PhaseFailure.AsOne(needs);
            }
        }

        return null;
    }

    private static PreparedWindow Earlier(DeploymentWindow window, WindowFacts facts, WindowPlan force, PlanApproval? approval, List<DeployOpsException> needs)
    {
        var prepared = facts.Phase(DeploymentPhase.Preparation);
        var summary = window.State == WindowState.RollingBack ? "finish going back, which an earlier run began" : needs.Count > 0 ? $"go on against this: {string.Join(' ', needs.Select(need => need.Fact))}" : prepared?.Summary ?? "carry on where an earlier run ended";
        return new PreparedWindow(window, new PreparationResult { Outcome = prepared?.Outcome ?? PhaseOutcome.Running, Summary = summary }, force, approval, []) { Needs = needs };
    }

    /// <summary>Why a window that goes on may not be carried on by this start unless somebody gives a reason; empty where it may.</summary>
    /// <exception cref="DeployOpsException"><c>WindowAlreadyOpen</c> where no reason makes it this plan's window, or it is going back; <c>PlanOfAnotherRelease</c>; <c>NotBackedUp</c>.</exception>
    private List<DeployOpsException> Needs(DeploymentWindow window, WindowFacts facts, WindowPlan force, PlanApproval? approval, bool isSame)
    {
        var needs = new List<DeployOpsException>();
        if (!isSame)
        {
            var kept = facts.Files.ToDictionary(file => file.Path, file => file.Sha256, StringComparer.Ordinal);
            var changes = string.Join(", ", PlanDigest.Differences(kept, force.Files.Hashes()));
            if (window.State != WindowState.Open || window.PlanPath != force.Plan.Path || (window.Service, window.Release) != (force.Plan.Service, force.Plan.Release))
            {
                throw InTheWay(window, "another digest or approval", "Finish it with its own runbook, or end it");
            }

            if (request.Deviation is not null)
            {
                FileDeviationRule.Require(facts, WindowPlan.Kept(window.Folder, window.PlanPath, facts.Files, ports, spared: null).Plan, force.Plan);
            }

            needs.Add(facts.ApprovedAt == approval?.At
                ? WindowPlan.Changed(facts, changes)
                : InTheWay(window, changes.Length == 0 ? "another approval" : $"another approval: {changes}", "To go on with it by this one, give a reason with -Deviation; or end it"));
        }

        if (window.State == WindowState.Open && OtherRunbook(force.Plan) is { } other)
        {
            needs.Add(new DeployOpsException(other.Id, FaultKind.Denied, other.Message, "To go ahead against this, give Start-DeploymentWindow a reason with -Deviation. Or start from the plan's runbook:") { Command = NextCommand.Run(force.Plan.Runbook!) });
        }

        return needs;
    }

    private static DeployOpsException InTheWay(DeploymentWindow window, string other, string next) => new(
        "WindowAlreadyOpen",
        FaultKind.Busy,
        $"{window.Id} is {(window.State == WindowState.Open ? "open" : "going back")} in {window.Environment} since {window.StartedAt:yyyy-MM-dd HH:mm:ss} UTC, started by {window.Executor}, and it is for {other}.",
        window.State == WindowState.Open ? $"{next} with Stop-DeploymentWindow or, taking back what it changed:" : "Let it finish; where nobody carries it on:")
    { Command = NextCommand.Back(window.Id) };

    // From here on the window goes on with what is on the disk.
    private async Task<string> DeviateAsync(PreparedWindow earlier, EnvironmentLock held)
    {
        var folder = earlier.Window.Folder;
        var journal = new JournalFile(folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
        foreach (var need in earlier.Needs)
        {
            var files = need.ErrorId == "RunbookMismatch" ? null : new FileDeviation(earlier.Plan.Keep(folder)) { ApprovedAt = earlier.Approval?.At };
            await journal.AppendAsync(DeviationEntry.Of(DeploymentPhase.Preparation, need.ErrorId, need.Fact, request.Deviation!, files), held.Epoch);
        }

        return folder;
    }

    private List<PlanDeviation> Deviations(WindowPlan force, PlanApproval? approval)
    {
        var deviations = ApprovalCheck.Check(force.Plan, force.Files, approval, ports.TimeProvider.GetUtcNow(), ports.Operator).ToList();
        if (OtherRunbook(force.Plan) is { } other)
        {
            deviations.Add(other);
        }

        return deviations;
    }

    // What a rollback left half done is nobody's plan: neither weights nor versions captured now would be what production came from.
    private async Task<DeployOpsException?> UnsettledAsync(string environmentFolder)
    {
        var windows = await WindowCatalog.OfEnvironmentAsync(environmentFolder, ports);
        if (windows.FirstOrDefault(pair => pair.Facts.HasStandingChange) is { Window: { State: WindowState.Stopped } stopped, Facts: { } left })
        {
            reporter.Warn($"{stopped.Id} was stopped, and what it changed stands: {ProductionState.Of(left)} To go back from it first: {NextCommand.Back(stopped.Id)}");
        }

        // Behind a complete one nothing matters any more.
        return windows.TakeWhile(pair => pair.Window.State != WindowState.Completed).FirstOrDefault(pair => pair.Window.State == WindowState.RollbackFailed) is { Window: { } failed, Facts: { } facts }
            ? new DeployOpsException("EnvironmentUnsettled", FaultKind.Denied, $"{failed.Id} could not be rolled back: {ProductionState.Of(facts)}", $"Where production was put right by hand: Get-DeploymentWindow {failed.Id} | Stop-DeploymentWindow -Reason 'what was done'; else finish going back:") { Command = NextCommand.Back(failed.Id) }
            : null;
    }

    private PlanDeviation? OtherRunbook(DeploymentPlan plan) =>
        plan.Runbook is { } runbook && request.StartedFrom.Length > 0 && !RealPath.OfFile(request.StartedFrom).Equals(RealPath.OfFile(runbook), RealPath.Names)
            ? new PlanDeviation("RunbookMismatch", $"The window was started from {request.StartedFrom}, but the plan's runbook is {runbook}. Start it from there, or at a prompt.")
            : null;

    private static DeployOpsException Refused(List<PlanDeviation> deviations, DeploymentPlan plan)
    {
        // No approval mends the wrong script.
        var (way, command) = deviations is [{ Id: "RunbookMismatch" }]
            ? ("Or name this script as Runbook in the plan and have another person approve that; or run the plan's runbook:", NextCommand.Run(plan.Runbook!))
            : ("Or have another person approve the plan as it is:", NextCommand.Approve(plan.Path));
        return new DeployOpsException(
            deviations[0].Id,
            FaultKind.Denied,
            string.Join(' ', deviations),
            $"To go ahead against this, give Start-DeploymentWindow a reason with -Deviation; it is written to the execution log. {way}")
        { Command = command };
    }

    private DeploymentWindow Planned(WindowPlan force, PlanApproval? approval)
    {
        var now = ports.TimeProvider.GetUtcNow();
        return new DeploymentWindow
        {
            Id = ports.Home.NextId(force.Plan.Service, force.Plan.Environment, force.Plan.Release),
            Service = force.Plan.Service,
            Environment = force.Plan.Environment,
            Release = force.Plan.Release,
            State = WindowState.Planned,
            Phase = DeploymentPhase.Preparation,
            Outcome = PhaseOutcome.Planned,
            StartedAt = now,
            EndsAt = now + force.Plan.Window.Duration,
            Executor = ports.Operator.Name,
            Lead = approval?.ApprovedBy ?? "",
            Digest = force.Files.Digest,
            PlanPath = force.Plan.Path,
        };
    }

    private async Task<string> CreateAsync(PreparedWindow prepared, RoleCall roles, EnvironmentLock held)
    {
        var window = Planned(prepared.Plan, prepared.Approval);
        var folder = ports.Home.Window(window.Service, window.Environment, window.Id);
        DurableFile.CreateFolder(folder);
        var files = prepared.Plan.Keep(folder);
        DurableFile.SyncFolder(Path.GetDirectoryName(folder)!);

        var journal = new JournalFile(folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
        var opening = JournalJson.ToNode(Opening(window, prepared, roles, files));
        await journal.AppendAsync(new JournalEntry(JournalKind.WindowOpened, $"{window.Id} to {window.Environment}: Executor {roles.Executor}, Lead {(roles.Lead.Length == 0 ? "nobody" : roles.Lead)}, Monitor {roles.Monitor}")
        {
            Phase = DeploymentPhase.Preparation,
            Detail = opening,
            ReadBack = opening,
        }, held.Epoch);
        foreach (var deviation in prepared.Deviations)
        {
            await journal.AppendAsync(DeviationEntry.Of(DeploymentPhase.Preparation, deviation.Id, deviation.Message, request.Deviation!), held.Epoch);
        }

        return folder;
    }

    private WindowOpening Opening(DeploymentWindow window, PreparedWindow prepared, RoleCall roles, IReadOnlyList<KeptFile> files) => new()
    {
        Id = window.Id,
        Service = window.Service,
        Environment = window.Environment,
        Release = window.Release,
        PlanPath = window.PlanPath,
        Digest = window.Digest,
        Files = files,
        Executor = roles.Executor,
        Lead = roles.Lead,
        Monitor = roles.Monitor,
        Communicator = roles.Communicator,
        ApprovedAt = prepared.Approval?.At,
        EndsAt = window.EndsAt,
        StartedFrom = request.StartedFrom,
        ModuleVersion = ports.ModuleVersion,
    };

    private async Task<DeploymentWindow> StateAsync(string folder)
    {
        await using var session = await WindowSession.OpenAsync(folder, ports);
        return session.Window;
    }
}
