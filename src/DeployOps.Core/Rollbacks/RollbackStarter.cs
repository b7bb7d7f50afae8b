using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Reports;
using DeployOps.Windows;
using DeployOps.Windows.Homes;
using DeployOps.Windows.Locks;

namespace DeployOps.Rollbacks;

/// <summary>
/// Goes back on a person's word, from any terminal and any state: it asks whatever runs forward to give way, waits for the lock with a
/// deadline, and carries the rollback out.
/// </summary>
public sealed class RollbackStarter
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(60);

    private readonly Ports ports;
    private readonly IStepReporter reporter;
    private readonly HashSet<string> setAside = new(StringComparer.Ordinal);
    private bool hasBegun;

    /// <summary>Makes the starter for one rollback.</summary>
    public RollbackStarter(Ports ports, IStepReporter reporter)
    {
        this.ports = ports;
        this.reporter = reporter;
    }

    /// <summary>What happens to the databases instead of what the plan says; null follows the plan.</summary>
    public DatabaseRollback? Database { get; init; }

    /// <summary>What happens to the folders of settings instead of what the plan says; null follows the plan.</summary>
    public ConfigurationRollback? Configuration { get; init; }

    /// <summary>True where somebody accepts that rows written since the backup are lost.</summary>
    public bool AcceptDataLoss { get; init; }

    /// <summary>True where somebody accepts that the old version gets the traffic back without the instances that cannot be made to serve it.</summary>
    public bool AcceptLessCapacity { get; init; }

    /// <summary>Says what going back would do, reading only. The outcome is Planned, or RolledBack where there is nothing left to do.</summary>
    public async Task<RollbackResult> PlanAsync(DeploymentWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (window.State == WindowState.Planned)
        {
            return new RollbackResult { Outcome = PhaseOutcome.Planned, Summary = "nothing would have been changed yet", Window = window };
        }

        await using var session = await OpenAsync(window);
        return await ToldAsync(session, () => PlanAsync(session, window));
    }

    private async Task<RollbackResult> PlanAsync(WindowSession session, DeploymentWindow window)
    {
        if (Recorded(session) is { } done)
        {
            return done;
        }

        await RefuseOvertakenAsync(window);
        return new RollbackRunner(ports, reporter).Plan(session, new RollbackOrder("") { Database = Database, Configuration = Configuration }.CarryingOn(session.Facts));
    }

    /// <summary>Goes back. Where it was gone back already, that is the result.</summary>
    /// <param name="window">The window; its state is read from its journal.</param>
    /// <param name="reason">Why, for the journal.</param>
    /// <param name="cancellationToken">Stops at the next safe point; Invoke-Rollback carries on later.</param>
    /// <exception cref="DeployOpsException"><c>EnvironmentBusy</c> where whoever holds the environment did not give way in time; <c>RolledBackOtherwise</c> where it was gone back another way than is ordered.</exception>
    public async Task<PhaseEnding<RollbackResult>> RunAsync(DeploymentWindow window, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        await using var session = await OpenAsync(window);
        return await ToldAsync(session, () => RunAsync(session, reason, cancellationToken));
    }

    private async Task<PhaseEnding<RollbackResult>> RunAsync(WindowSession session, string reason, CancellationToken cancellationToken)
    {
        if (Recorded(session) is { } done)
        {
            return new PhaseEnding<RollbackResult>(done, null);
        }

        // Asked again: since it was planned, somebody may have opened another window. While this one goes on nobody could, and what runs is asked to give way at once.
        if (session.Facts.State is not (WindowState.Open or WindowState.RollingBack))
        {
            await RefuseOvertakenAsync(session.Window);
        }

        var runner = new RollbackRunner(ports, reporter);
        var order = new RollbackOrder(reason) { Database = Database, Configuration = Configuration, AcceptDataLoss = AcceptDataLoss, AcceptLaterLoss = AcceptDataLoss, AcceptLessCapacity = AcceptLessCapacity }.CarryingOn(session.Facts);
        order = order with { Accepted = await runner.RequireAcceptanceAsync(session, order, cancellationToken) };

        await session.AppendAsync(new JournalEntry(JournalKind.StopRequested, $"{ports.Operator.Name} asked to go back: {reason}")
        {
            Phase = DeploymentPhase.Rollback,
            Detail = JournalJson.ToNode(new StopRequest(ports.Operator.Name, reason, GoBack: true) { Database = order.Database, Configuration = order.Configuration, AcceptDataLoss = order.LossIsAccepted, AcceptLaterLoss = order.AcceptLaterLoss, AcceptLessCapacity = order.AcceptLessCapacity }),
        });
        reporter.Progress("Rollback", "waiting for the run in progress to give way, or to have gone back");
        await TakeOverAsync(session, cancellationToken);

        // Whoever held the lock may have gone back itself meanwhile.
        if (Recorded(session) is { } byAnother)
        {
            return new PhaseEnding<RollbackResult>(byAnother, null);
        }

        await RefuseOvertakenAsync(session.Window);
        hasBegun = true;
        var attempt = await runner.RunAsync(session, order, cancellationToken);
        new DeploymentReport(ports).Refresh(session, reporter);

        return RollbackRunner.Ending(session, attempt);
    }

    private async Task TakeOverAsync(WindowSession session, CancellationToken cancellationToken)
    {
        try
        {
            await session.TakeLockAsync(ports.Operator.Name, LockPatience, cancellationToken);
        }
        catch (DeployOpsException e) when (e.ErrorId == "EnvironmentBusy")
        {
            var window = session.Window;
            var epoch = EnvironmentLock.PresentEpoch(ports.Home.Environment(window.Service, window.Environment));
            if (await session.GoingBackAsync(epoch) is { } begun)
            {
                throw GoingBack(window, epoch, begun, e);
            }

            // It was asked to give way and did not: waiting longer is no advice.
            throw new DeployOpsException(
                e.ErrorId,
                e.Kind,
                $"{e.Fact} It was asked {LockPatience.TotalSeconds} s ago to give way and still holds it.",
                "See whether it is alive. If it hangs, declare it lost and go back again:",
                e)
            { Command = NextCommand.Lost(window.Id, epoch) };
        }
    }

    // Slow is not hung: two that go back at once would undo each other's work.
    private static DeployOpsException GoingBack(DeploymentWindow window, long epoch, JournalRecord begun, DeployOpsException busy) => new(
        busy.ErrorId,
        busy.Kind,
        $"{busy.Fact} It goes back already, since {begun.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, and gives way to nobody until that has ended.",
        $"Wait for it. Only where its log does not grow and you know that it hangs: {NextCommand.Lost(window.Id, epoch)}. What it does:",
        busy)
    { Command = NextCommand.Log(window.Id) };

    private async Task<WindowSession> OpenAsync(DeploymentWindow window)
    {
        try
        {
            return await WindowSession.OpenAsync(window.Folder, ports);
        }
        catch (DeployOpsException e)
        {
            throw PhaseFailure.Untold(e, window, DeploymentPhase.Rollback);
        }
    }

    private async Task<T> ToldAsync<T>(WindowSession session, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (DeployOpsException e) when (session.Records.Count > 0)
        {
            throw PhaseFailure.Outside(e, session, DeploymentPhase.Rollback, hasBegun);
        }
    }

    // Behind a newer window this one's captured weights and versions are history, not what production came from; unless that one changed nothing.
    private async Task RefuseOvertakenAsync(DeploymentWindow window)
    {
        var windows = await WindowCatalog.OfEnvironmentAsync(ports.Home.Environment(window.Service, window.Environment), ports, SetAside);
        foreach (var (newer, facts) in windows.TakeWhile(pair => pair.Window.Id != window.Id))
        {
            // What a window that went back has left, such as a migrated schema that was kept, both versions live with.
            if (facts.HasStandingChange && newer.State != WindowState.RolledBack)
            {
                throw Overtaken(window, newer, "Go back from that one:", NextCommand.Back(newer.Id));
            }

            if (newer.State == WindowState.Open)
            {
                // It would go forward by what it captured, which is no longer so once this one has gone back.
                throw Overtaken(window, newer, "It changed nothing yet and stands open: stop it, then go back.", $"Get-DeploymentWindow {newer.Id} | Stop-DeploymentWindow -Reason 'going back from {window.Id}'");
            }
        }
    }

    // A log that is damaged, be it a year old, keeps nobody from going back by another.
    private void SetAside(string id, DeployOpsException why)
    {
        if (setAside.Add(id))
        {
            reporter.Warn($"Whether {id} was opened later and changed something cannot be told, and going back goes on: {PhaseFailure.Sentence(why.Fact)}");
        }
    }

    private static DeployOpsException Overtaken(DeploymentWindow window, DeploymentWindow newer, string next, string command) => new(
        "WindowOvertaken",
        FaultKind.InvalidOperation,
        $"{window.Id} is not the newest window of {window.Environment}: {newer.Id} was opened after it.",
        next)
    { Command = command };

    // What went back another way than is ordered now was not done, and must not look as if it were.
    private RollbackResult? Recorded(WindowSession session)
    {
        var facts = session.Facts;
        if (facts.State != WindowState.RolledBack || facts.Phase(DeploymentPhase.Rollback) is not { Result: not null } ended)
        {
            return null;
        }

        var done = ended.ReadResult<RollbackResult>();
        return OtherWay.Refusal(facts, done.Database, Database, Configuration) is { } other
            ? throw other
            : done with { Window = session.Window, Summary = $"Nothing to do: {session.Window.Id} is already rolled back." };
    }
}
