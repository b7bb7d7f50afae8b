using System.Security.Cryptography;
using System.Text;
using DeployOps.Gates;
using DeployOps.Journal;
using DeployOps.Phases;
using DeployOps.Windows.Homes;
using DeployOps.Windows.Locks;

namespace DeployOps.Windows;

/// <summary>
/// One process at work on one window: its journal, and the environment's lock where it acts. While it is open it looks for requests to stop,
/// four times a second and before each effect.
/// </summary>
internal sealed class WindowSession : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>No record has a higher number: nothing is heeded before StartHeeding and after StopHeeding.</summary>
    private const long HeedNothing = long.MaxValue;

    private readonly JournalFile journal;
    private readonly string folder;
    private readonly TimeProvider timeProvider;
    private readonly CancellationTokenSource superseded = new();
    private readonly CancellationTokenSource lost = new();
    private CancellationTokenSource closing = new();
    private EnvironmentLock? environment;
    private Task watching = Task.CompletedTask;
    private bool heeds;
    private long heedFrom = HeedNothing;
    private WindowFacts? facts;

    private WindowSession(JournalFile journal, string folder, TimeProvider timeProvider)
    {
        this.journal = journal;
        this.folder = folder;
        this.timeProvider = timeProvider;
    }

    /// <summary>The state, as of the last look at the journal.</summary>
    internal WindowFacts Facts
    {
        get
        {
            // The watch for requests asks beside the work: whichever of them stores its state last, the next one goes on from there.
            var records = journal.Records;
            var state = Volatile.Read(ref facts)?.After(records) ?? WindowFacts.Fold(records) ?? throw Empty();
            Volatile.Write(ref facts, state);
            return state;
        }
    }

    internal IReadOnlyList<JournalRecord> Records => journal.Records;

    /// <summary>Signalled when somebody asked forward motion to end, or took over.</summary>
    internal CancellationToken Superseded => superseded.Token;

    /// <summary>Signalled while it goes back, when somebody took over.</summary>
    internal CancellationToken Lost => lost.Token;

    /// <summary>Why the watch for requests could not read twice in a row, where that signalled <see cref="Superseded"/>; null otherwise.</summary>
    internal Exception? Unseen { get; private set; }

    /// <summary>The window as it stands.</summary>
    internal DeploymentWindow Window => Facts.ToWindow(folder);

    /// <summary>The window's folder.</summary>
    internal string Folder => folder;

    /// <summary>True once a phase or a rollback runs in it; while a phase is only planned nothing is written.</summary>
    internal bool Writes => heeds || HoldsLock;

    /// <summary>True where this run holds the environment's lock.</summary>
    internal bool HoldsLock => environment is not null;

    /// <summary>The reason somebody gave for going on against what is refused, for what is met while the phase runs; null where none was given.</summary>
    internal string? Deviation { get; init; }

    /// <summary>What the clock says.</summary>
    internal DateTimeOffset Now => timeProvider.GetUtcNow();

    /// <summary>Opens a window's journal for work that holds no lock.</summary>
    internal static async Task<WindowSession> OpenAsync(string folder, Ports ports, string? deviation = null)
    {
        var session = new WindowSession(new JournalFile(folder, ports.JournalThread, ports.Redactor, ports.TimeProvider), folder, ports.TimeProvider) { Deviation = deviation };
        if (HomeFolder.Holds(folder, JournalFile.FileName))
        {
            await session.journal.RefreshAsync();
        }

        return session;
    }

    /// <summary>Takes the environment's lock and writes that it was taken.</summary>
    /// <param name="operatorName">Who takes it.</param>
    /// <param name="patience">How long to wait for the present owner.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    internal async Task TakeLockAsync(string operatorName, TimeSpan patience, CancellationToken cancellationToken)
    {
        var environmentFolder = Path.GetFullPath(Path.Combine(folder, "..", ".."));
        environment = await EnvironmentLock.TakeAsync(environmentFolder, operatorName, patience, timeProvider, cancellationToken);
        if (Records.Count > 0)
        {
            await journal.RefreshAsync();
            await WriteLockTakenAsync();
        }
    }

    /// <summary>Adopts a lock that was taken already, and writes that it was taken.</summary>
    internal Task AdoptAsync(EnvironmentLock taken)
    {
        environment = taken;
        return WriteLockTakenAsync();
    }

    private Task WriteLockTakenAsync() =>
        AppendAsync(new JournalEntry(JournalKind.LockTaken, $"Epoch {environment!.Epoch} taken by {environment.Owner}") { Detail = JournalJson.ToNode(environment.Owner) });

    /// <summary>Begins to heed requests that are written from here on.</summary>
    internal void StartHeeding()
    {
        heeds = true;
        heedFrom = Records.Count == 0 ? 0 : Records[^1].Seq;
        watching = WatchAsync();
    }

    /// <summary>Stops heeding: what goes back is not stopped by the request that asked for it.</summary>
    internal async Task StopHeedingAsync()
    {
        heedFrom = HeedNothing;
        await closing.CancelAsync();
        await watching;
    }

    /// <summary>Heeds no request any more, since it goes back, and looks from here on only whether somebody took over.</summary>
    internal async Task TurnBackAsync()
    {
        await StopHeedingAsync();
        closing.Dispose();
        closing = new CancellationTokenSource();
        watching = WatchEpochAsync();
    }

    /// <summary>Writes a record; where this run holds the environment, only while nobody has taken over.</summary>
    internal async Task<JournalRecord> AppendAsync(JournalEntry entry)
    {
        // Whoever declared this owner lost may not have written so to this journal yet.
        ThrowIfStale();
        return await journal.AppendAsync(entry, environment?.Epoch);
    }

    internal Task AppendGateAsync(DeploymentPhase phase, GateResult gate) =>
        AppendAsync(new JournalEntry(JournalKind.Gate, gate.ToString()) { Phase = phase, Target = gate.Name, Detail = JournalJson.ToNode(gate) });

    /// <summary>Writes that a phase goes on against what is refused.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="need">What is refused.</param>
    /// <param name="reason">Why it goes on all the same.</param>
    /// <param name="files">What is in force from here on; null where nothing changes in that.</param>
    internal Task DeviateAsync(DeploymentPhase phase, DeployOpsException need, string reason, FileDeviation? files = null) =>
        AppendAsync(DeviationEntry.Of(phase, need.ErrorId, need.Fact, reason, files));

    /// <summary>Writes what was seen before a change, to be read again by whoever carries on.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="name">What it is captured under.</param>
    /// <param name="value">What was seen.</param>
    /// <param name="message">It in one line.</param>
    /// <param name="readBack">What of it must be read back as it is, or nobody can go back by it; null where parts may be masked.</param>
    internal Task CaptureAsync<T>(DeploymentPhase phase, string name, T value, string message, object? readBack = null) =>
        AppendAsync(new JournalEntry(JournalKind.Captured, message) { Phase = phase, Target = name, Detail = JournalJson.ToNode(value), ReadBack = readBack is null ? null : JournalJson.ToNode(readBack) });

    /// <summary>Keeps a redacted text beside the journal, named by its hash so that the line that names it vouches for it.</summary>
    /// <returns>Its path, relative to the window's folder.</returns>
    internal string KeepEvidence(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var name = Path.Combine("evidence", $"{Convert.ToHexStringLower(SHA256.HashData(bytes))}.txt");
        DurableFile.CreateFolder(Path.Combine(folder, "evidence"));
        DurableFile.Replace(Path.Combine(folder, name), bytes);

        return name;
    }

    /// <summary>Throws where a newer epoch exists.</summary>
    internal void ThrowIfStale() => environment?.ThrowIfStale();

    /// <summary>Throws where somebody asked forward motion to end, or took over.</summary>
    /// <exception cref="SupersededException">Somebody did.</exception>
    internal async Task ThrowIfToStopAsync()
    {
        ThrowIfStale();
        await journal.RefreshAsync();
        ThrowIfAsked();
    }

    internal Task RefreshAsync() => journal.RefreshAsync();

    /// <summary>The record by which the owner of an epoch began to go back, where it has not ended that; null otherwise. One that goes back gives way to nobody.</summary>
    internal async Task<JournalRecord?> GoingBackAsync(long epoch)
    {
        await journal.RefreshAsync();
        var last = Records.LastOrDefault(record => record is { Kind: JournalKind.PhaseStarted or JournalKind.PhaseEnded, Phase: DeploymentPhase.Rollback });
        return last is { Kind: JournalKind.PhaseStarted } && last.Epoch == epoch ? last : null;
    }

    /// <summary>Lets the lock go and ends the watch for requests.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopHeedingAsync();
        environment?.Dispose();
        superseded.Dispose();
        closing.Dispose();
        lost.Dispose();
    }

    private async Task WatchAsync()
    {
        while (await DelayAsync())
        {
            try
            {
                await ThrowIfToStopAsync();
                Unseen = null;
            }
            catch (Exception e) when (Unseen is null && e is not (SupersededException or DeployOpsException { ErrorId: "EpochStale" }))
            {
                // What cannot be read for a moment is no request.
                Unseen = e;
            }
            catch (Exception)
            {
                // A request, a newer epoch, or a journal that cannot be read: the work must not go on, and whoever ran it tells which it was.
                await superseded.CancelAsync();
                return;
            }
        }
    }

    private async Task WatchEpochAsync()
    {
        while (await DelayAsync())
        {
            try
            {
                ThrowIfStale();
            }
            catch (DeployOpsException e) when (e.ErrorId == "EpochStale")
            {
                await lost.CancelAsync();
                return;
            }
            catch (Exception e) when (e is DeployOpsException or IOException or UnauthorizedAccessException)
            {
                // It is looked again; before an effect the same look tells what is wrong.
            }
        }
    }

    // False once the work has ended.
    private async Task<bool> DelayAsync()
    {
        try
        {
            await Task.Delay(LookInterval, timeProvider, closing.Token);
            return true;
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested)
        {
            return false;
        }
    }

    private void ThrowIfAsked()
    {
        if (Facts.Stop is { } stop && stop.Seq > heedFrom)
        {
            throw new SupersededException(stop.Request);
        }
    }

    private DeployOpsException Empty() => new(
        "WindowEmpty",
        FaultKind.NotFound,
        $"{journal.Path} holds no opened window: its first record never reached the disk.",
        "Start the window again with Start-DeploymentWindow.");
}
