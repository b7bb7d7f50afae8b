using System.Text.Json;
using DeployOps.Journal;

namespace DeployOps.Windows.Locks;

/// <summary>
/// The right to change an environment: one process has it at a time, and its epoch tells a stale one from the present one.
/// The system lets it go when the process ends. A process that hangs keeps it until a person declares it lost.
/// </summary>
public sealed class EnvironmentLock : IDisposable
{
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StateDeadline = TimeSpan.FromSeconds(10);

    private readonly string folder;
    private readonly HeldFile held;

    private EnvironmentLock(string folder, HeldFile held, long epoch, LockOwner owner)
    {
        this.folder = folder;
        this.held = held;
        Epoch = epoch;
        Owner = owner;
    }

    /// <summary>Who holds it: this process, by the operator's name.</summary>
    public LockOwner Owner { get; }

    /// <summary>The epoch of this holding, higher than any before.</summary>
    public long Epoch { get; }

    /// <summary>Takes the lock, waiting for it as long as <paramref name="patience"/> allows.</summary>
    /// <param name="folder">The environment's folder.</param>
    /// <param name="name">The operator.</param>
    /// <param name="patience">How long to wait for the present owner; zero refuses at once.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="DeployOpsException"><c>EnvironmentBusy</c> with who holds it and since when; <c>FolderUnusable</c>, <c>EnvironmentUnusable</c>, <c>EnvironmentStateInvalid</c>.</exception>
    public static async Task<EnvironmentLock> TakeAsync(string folder, string name, TimeSpan patience, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(timeProvider);
        DurableFile.CreateFolder(folder);
        var start = timeProvider.GetTimestamp();
        while (true)
        {
            try
            {
                if (await TryTakeAsync(folder, name, timeProvider, cancellationToken) is { } taken)
                {
                    return taken;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unusable(folder, e);
            }

            if (timeProvider.GetElapsedTime(start) >= patience)
            {
                throw Busy(folder);
            }

            await Task.Delay(Retry, timeProvider, cancellationToken);
        }
    }

    /// <summary>Whether an owner holds the environment now, and who.</summary>
    /// <exception cref="DeployOpsException"><c>EnvironmentUnusable</c>, <c>EnvironmentStateInvalid</c>.</exception>
    public static LockOwner? Holder(string folder)
    {
        var state = Read(folder);
        var path = LockPath(folder, state.LockName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var probe = HeldFile.TryTake(path);
            return probe is null ? state.Owner : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, e);
        }
    }

    /// <summary>
    /// Declares the owner of an epoch lost: the epoch rises and the lock gets a new name, so that the old owner, should it wake, holds nothing.
    /// </summary>
    /// <returns>The new epoch.</returns>
    /// <exception cref="DeployOpsException">
    /// <c>EpochMismatch</c> where the environment is at another epoch than the person looked at; <c>EnvironmentNotHeld</c> where its owner has let go or is dead;
    /// <c>EnvironmentUnusable</c>.
    /// </exception>
    public static async Task<long> DeclareLostAsync(string folder, long epoch, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        try
        {
            using var state = await HoldStateAsync(folder, timeProvider, cancellationToken);
            return DeclareLost(folder, epoch);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, e);
        }
    }

    /// <summary>The environment's present epoch.</summary>
    /// <exception cref="DeployOpsException"><c>EnvironmentUnusable</c>, <c>EnvironmentStateInvalid</c>.</exception>
    public static long PresentEpoch(string folder) => Read(folder).Epoch;

    /// <summary>Throws where a newer epoch exists. Asked before each effect.</summary>
    /// <exception cref="DeployOpsException"><c>EpochStale</c>; <c>EnvironmentUnusable</c> where it cannot be told.</exception>
    public void ThrowIfStale()
    {
        var present = Read(folder).Epoch;
        if (present != Epoch)
        {
            throw new DeployOpsException(
                "EpochStale",
                FaultKind.Stopped,
                $"Epoch {Epoch} was taken over by epoch {present}; this run does nothing further.",
                "Get-DeploymentLog shows who took over and why.");
        }
    }

    /// <summary>Lets the environment go.</summary>
    public void Dispose() => held.Dispose();

    private static long DeclareLost(string folder, long epoch)
    {
        var present = Read(folder);
        if (present.Epoch == epoch + 1 && present.LockName == present.Epoch)
        {
            // It was declared, and nobody has taken the environment since: whoever declared it may not have lived to write so.
            return present.Epoch;
        }

        if (present.Epoch != epoch)
        {
            throw new DeployOpsException(
                "EpochMismatch",
                FaultKind.InvalidOperation,
                $"The environment is at epoch {present.Epoch}, not {epoch}: it moved on since you looked.",
                "Look again with Get-DeploymentLog before you declare anybody lost.");
        }

        // The lock file alone tells, as for everybody who takes it: an owner that is dead holds nothing.
        using (var free = HeldFile.TryTake(LockPath(folder, present.LockName)))
        {
            if (free is not null)
            {
                throw new DeployOpsException(
                    "EnvironmentNotHeld",
                    FaultKind.InvalidOperation,
                    $"Nobody holds the environment, so nobody is lost{(present.Owner is { } owner ? $": {owner} had epoch {epoch} last and has let go or ended" : "")}.",
                    "Run the command you want to run; it takes the environment without asking.");
            }
        }

        Write(folder, present with { Epoch = epoch + 1, LockName = epoch + 1 });
        return epoch + 1;
    }

    private static async Task<EnvironmentLock?> TryTakeAsync(string folder, string name, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var state = await HoldStateAsync(folder, timeProvider, cancellationToken);
        var present = Read(folder);
        if (HeldFile.TryTake(LockPath(folder, present.LockName)) is not { } held)
        {
            return null;
        }

        try
        {
            var owner = LockOwner.Current(name, timeProvider.GetUtcNow());
            var epoch = present.Epoch + 1;
            Write(folder, present with { Epoch = epoch, Owner = owner });
            return new EnvironmentLock(folder, held, epoch, owner);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // Held only while environment.json is read and written, so that a taking and a declaration of loss cannot cross.
    private static async Task<HeldFile> HoldStateAsync(string folder, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "environment.state.lock");
        var start = timeProvider.GetTimestamp();
        while (true)
        {
            if (HeldFile.TryTake(path) is { } held)
            {
                return held;
            }

            if (timeProvider.GetElapsedTime(start) > StateDeadline)
            {
                throw new DeployOpsException(
                    "EnvironmentStateBusy",
                    FaultKind.Busy,
                    $"{path} was held by another process for {StateDeadline.TotalSeconds} s; it is needed for milliseconds, so that process hangs.",
                    "Find it (lsof or fuser), end it, and run the same command again.");
            }

            await Task.Delay(Retry, timeProvider, cancellationToken);
        }
    }

    // The owner does not say for which window it works.
    private static DeployOpsException Busy(string folder)
    {
        var owner = Read(folder).Owner;
        var open = $"Get-DeploymentWindow -Open -Service {Path.GetFileName(Path.GetDirectoryName(folder))} -Environment {Path.GetFileName(folder)}";
        return new DeployOpsException(
            "EnvironmentBusy",
            FaultKind.Busy,
            $"{folder} is held by {owner?.ToString() ?? "another process"}.",
            $"Wait for it. What goes on there: {open}; where that has to end, Stop-DeploymentWindow, and Invoke-Rollback, which takes the release back, ask it to give way.");
    }

    private static DeployOpsException Unusable(string folder, Exception e) => new(
        "EnvironmentUnusable",
        FaultKind.Failed,
        $"Who holds the environment cannot be told or written in {folder}: {e.Message}",
        "Check that this account may read and write there, and the disk's space.",
        e)
    { Target = folder };

    private static string LockPath(string folder, long name) =>
        Path.Combine(folder, name == 0 ? "environment.lock" : $"environment.{name}.lock");

    private static string StatePath(string folder) => Path.Combine(folder, "environment.json");

    private static LockState Read(string folder)
    {
        var path = StatePath(folder);
        if (!File.Exists(path))
        {
            // Without windows nobody ever took it. Beside them it was lost: from 0 on, no epoch would tell a stale run from the present one.
            return LostState.Of(folder, path) is { } lost ? throw lost : new LockState(0, 0, null);
        }

        try
        {
            return JsonSerializer.Deserialize<LockState>(File.ReadAllBytes(path), JournalJson.Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new DeployOpsException(
                "EnvironmentStateInvalid",
                FaultKind.Security,
                $"{path} is not what DeployOps wrote: {e.Message}",
                "Bring it back from a copy; its epoch must not be lower than the newest in the journals beside it.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, e);
        }
    }

    private static void Write(string folder, LockState state) =>
        DurableFile.Replace(StatePath(folder), JsonSerializer.SerializeToUtf8Bytes(state, JournalJson.Options));
}
