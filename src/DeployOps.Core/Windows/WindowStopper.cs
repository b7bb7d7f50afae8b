using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Production;
using DeployOps.Windows.Homes;
using DeployOps.Windows.Locks;

namespace DeployOps.Windows;

/// <summary>Ends a window's forward motion without going back, takes one that could not go back as it stands, or declares an owner lost that hangs.</summary>
public sealed class WindowStopper
{
    private static readonly TimeSpan GiveWay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Ports ports;
    private readonly IStepReporter reporter;

    /// <summary>Makes the stopper for one window.</summary>
    public WindowStopper(Ports ports, IStepReporter reporter)
    {
        this.ports = ports;
        this.reporter = reporter;
    }

    /// <summary>Asks whatever runs to give way, waits until it has, and warns of what stands. A window that is stopped already is not asked again: a run that ended early is finished.</summary>
    /// <exception cref="DeployOpsException"><c>WindowNotStopped</c> where it did not within 30 s; <c>WindowNotOpen</c> where it goes back, or has ended otherwise.</exception>
    public async Task<DeploymentWindow> StopAsync(DeploymentWindow window, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        await WindowSecrets.LearnAsync(window, ports);
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        if (session.Facts.State is WindowState.Open or WindowState.RollbackFailed)
        {
            await session.AppendAsync(new JournalEntry(JournalKind.StopRequested, $"{ports.Operator.Name} stopped the window: {reason}")
            {
                Detail = JournalJson.ToNode(new StopRequest(ports.Operator.Name, reason, GoBack: false)),
            });
        }
        else if (session.Facts.State != WindowState.Stopped)
        {
            throw NotOpen(window.Id, session.Facts.State);
        }

        await WaitAsync(session, window, cancellationToken);
        await session.RefreshAsync();
        if (session.Facts is { State: WindowState.Stopped, HasStandingChange: true })
        {
            // -Open does not list it any more: who wants to go back has to know how.
            reporter.Warn($"{window.Id} is stopped, and what it changed stands: {ProductionState.Of(session.Facts)} To go back: {NextCommand.Back(window.Id)}");
        }

        return session.Window;
    }

    private static DeployOpsException NotOpen(string id, WindowState state)
    {
        var (next, command) = state == WindowState.Completed ? ("To go back from it:", NextCommand.Back(id)) : ("What was done in it:", NextCommand.Log(id));
        return new DeployOpsException("WindowNotOpen", FaultKind.InvalidOperation, $"{id} is not open but {state}; there is nothing to stop.", next) { Command = command };
    }

    /// <summary>Declares the owner of this epoch lost: it holds nothing any more, and should it wake it does nothing.</summary>
    /// <exception cref="DeployOpsException">
    /// <c>EpochMismatch</c> where the environment moved on; <c>EnvironmentNotHeld</c> where nobody holds it; <c>EpochOfAnotherWindow</c> where its owner works in another one.
    /// </exception>
    public async Task<DeploymentWindow> DeclareLostAsync(DeploymentWindow window, long epoch, string reason, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(window);
        await WindowSecrets.LearnAsync(window, ports);
        await using var session = await WindowSession.OpenAsync(window.Folder, ports);
        var environment = ports.Home.Environment(window.Service, window.Environment);
        if (await OtherWindowAsync(environment, epoch, session) is { } other)
        {
            throw new DeployOpsException(
                "EpochOfAnotherWindow",
                FaultKind.InvalidOperation,
                $"The owner of epoch {epoch} works in {other}, not in {window.Id}, whose log would not tell of it.",
                "Where it is lost:")
            { Command = NextCommand.Lost(other, epoch) };
        }

        var risen = await EnvironmentLock.DeclareLostAsync(environment, epoch, ports.TimeProvider, cancellationToken);
        if (!session.Records.Any(record => record.Kind == JournalKind.LockLost && record.Epoch == risen))
        {
            var journal = new JournalFile(window.Folder, ports.JournalThread, ports.Redactor, ports.TimeProvider);
            await journal.AppendAsync(new JournalEntry(JournalKind.LockLost, $"{ports.Operator.Name} declared epoch {epoch} lost: {reason}"), risen);
            await session.RefreshAsync();
        }

        return session.Window;
    }

    // The window in which the owner of an epoch works, where that is another one. Who restores a backup holds the environment in none.
    private async Task<string?> OtherWindowAsync(string environment, long epoch, WindowSession session)
    {
        if (Took(session.Records, epoch))
        {
            return null;
        }

        var others = await WindowCatalog.OfEnvironmentAsync(environment, ports, (id, e) => reporter.Warn($"Whether the owner of epoch {epoch} works in {id} cannot be told: {e.Fact}"));
        foreach (var (other, _) in others)
        {
            if (Took(await new JournalFile(other.Folder, ports.JournalThread, ports.Redactor, ports.TimeProvider).RefreshAsync(), epoch))
            {
                return other.Id;
            }
        }

        return null;
    }

    private static bool Took(IReadOnlyList<JournalRecord> records, long epoch) => records.Any(record => record.Kind == JournalKind.LockTaken && record.Epoch == epoch);

    private async Task WaitAsync(WindowSession session, DeploymentWindow window, CancellationToken cancellationToken)
    {
        var environment = ports.Home.Environment(window.Service, window.Environment);
        var start = ports.TimeProvider.GetTimestamp();
        while (EnvironmentLock.Holder(environment) is { } owner)
        {
            if (ports.TimeProvider.GetElapsedTime(start) > GiveWay)
            {
                if (await session.GoingBackAsync(EnvironmentLock.PresentEpoch(environment)) is { } begun)
                {
                    throw new DeployOpsException(
                        "WindowNotStopped",
                        FaultKind.Timeout,
                        $"{owner} goes back in {window.Id} since {begun.Time.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, and gives way to nobody until that has ended.",
                        "Wait for it. What it does:")
                    { Command = NextCommand.Log(window.Id) };
                }

                throw new DeployOpsException(
                    "WindowNotStopped",
                    FaultKind.Timeout,
                    $"{owner} was asked to give way {GiveWay.TotalSeconds} s ago and still holds {window.Environment}.",
                    "See whether it is alive. If it hangs:")
                { Command = NextCommand.Lost(window.Id, EnvironmentLock.PresentEpoch(environment)) };
            }

            reporter.Progress("Stopping", $"waiting for {owner} to give way");
            await Task.Delay(Look, ports.TimeProvider, cancellationToken);
        }
    }
}
