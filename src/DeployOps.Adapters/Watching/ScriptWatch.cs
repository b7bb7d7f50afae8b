using System.Data.Common;
using DeployOps.Migrations.Watching;

namespace DeployOps.Adapters.Watching;

/// <summary>
/// Watches a script from its gate to its end: looks twice a second, four times while it keeps others out or waits for a lock with others behind it; holds it at gates; and
/// trips where it does too much to others. Tripped, nothing more of the script runs until the trip is taken.
/// </summary>
internal sealed class ScriptWatch : IAsyncDisposable
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Seldom = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource ended = new();
    private readonly WatchedScript watched;
    private readonly IScriptSampler sampler;
    private readonly MigrationBreaker breaker;
    private readonly EvidenceLog log;
    private readonly TimeProvider time;
    private readonly Lock tripping = new();
    private volatile CancellationTokenSource tripped = new();
    private Task looking = Task.CompletedTask;
    private MigrationSample? last;
    private int attempt;
    private readonly HashSet<string> strong = new(StringComparer.Ordinal);
    private volatile bool isAtGate;
    private volatile MigrationTrip? trip;

    /// <summary>Makes the watch; it looks at nothing yet.</summary>
    /// <param name="watched">What is watched, by which limits, for whom.</param>
    /// <param name="sampler">Takes the looks.</param>
    /// <param name="time">The clock.</param>
    internal ScriptWatch(WatchedScript watched, IScriptSampler sampler, TimeProvider time)
    {
        (this.watched, this.sampler, this.time) = (watched, sampler, time);
        breaker = new MigrationBreaker(watched.Limits);
        log = new EvidenceLog(watched.Script);
    }

    /// <summary>The statement that runs, from 1.</summary>
    internal int Statement { get; set; } = 1;

    /// <summary>How often it was run already, where it is repeated.</summary>
    internal int Rounds { get; set; }

    /// <summary>Who was last seen to block the script; empty where nobody was.</summary>
    internal string Blockers { get; private set; } = "";

    /// <summary>Ends what runs when the watch trips.</summary>
    internal CancellationToken Tripped => tripped.Token;

    /// <summary>Whether it has tripped.</summary>
    internal bool HasTripped => trip is not null;

    /// <summary>Begins to look.</summary>
    internal void Start() => looking = Task.Run(LookAgainAndAgainAsync, CancellationToken.None);

    /// <summary>Why the script was cancelled, where it was; it may be tried again then.</summary>
    /// <param name="wasCancelled">Whether the statement ended by being cancelled: where it met another fault, the script fails by that.</param>
    internal MigrationTrip? TakeTrip(bool wasCancelled)
    {
        if (trip is not { } taken)
        {
            return null;
        }

        Forgive();
        return wasCancelled ? taken : null;
    }

    /// <summary>
    /// Lets the script go on: what the watch tripped for, or would by a look that was begun while it ran, has ended and keeps nobody any more.
    /// </summary>
    internal void Forgive()
    {
        lock (tripping)
        {
            attempt++;
            if (trip is not null)
            {
                tripped = new CancellationTokenSource();
                trip = null;
            }
        }
    }

    /// <summary>The strong locks that looks have seen since this was asked last, as <c>table Mode</c>, by name.</summary>
    internal IReadOnlyList<string> TakeStrongLocks()
    {
        lock (strong)
        {
            IReadOnlyList<string> seen = [.. strong.Order(StringComparer.Ordinal)];
            strong.Clear();
            return seen;
        }
    }

    /// <summary>Keeps among what could not be told or done that something beside the script went wrong.</summary>
    internal void Blames(string what) => log.CannotTell(what);

    /// <summary>Waits until the script may go on.</summary>
    /// <param name="what">What is to go on, such as <c>the script</c>.</param>
    /// <param name="left">What of the script is left if it may not.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <param name="always">Whether a look is taken however fresh the last one is: between rounds that write much.</param>
    /// <exception cref="DeployOpsException"><c>MigrationGateHeld</c>.</exception>
    internal async Task PassGateAsync(string what, Func<string> left, CancellationToken cancellationToken, bool always = false)
    {
        // A look is as good as the next one for as long as there would be none between.
        if (!watched.IsJudged || (!always && watched.Pass.OpenAt is { } at && time.GetElapsedTime(at) < Often))
        {
            return;
        }

        isAtGate = true;
        try
        {
            await HoldAsync(what, left, cancellationToken);
            watched.Pass.OpenAt = time.GetTimestamp();
        }
        finally
        {
            isAtGate = false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await looking;
        if (log.Evidence.Samples + log.Evidence.Missed > 0)
        {
            var processors = watched.Observer.Processors is { } reading ? reading.Unknown : sampler.ProcessorsUnknown ?? "";
            foreach (var unknown in sampler.Unknown.Concat(processors.Length > 0 ? [$"how busy the server's processors are: {processors}"] : []))
            {
                log.CannotTell(unknown);
            }

            foreach (var slot in (last?.Slots ?? []).Where(slot => slot.IsLost))
            {
                log.CannotTell($"the replica of slot {slot.Name} cannot come back, the log that it needs is gone");
            }

            watched.Observer.Ended(log.Evidence);
        }

        ended.Dispose();
        tripped.Dispose();
    }

    private async Task HoldAsync(string what, Func<string> left, CancellationToken cancellationToken)
    {
        var gate = new MigrationGate(watched.Limits);
        var since = time.GetTimestamp();
        for (var reason = ""; ; await Task.Delay(Often, time, cancellationToken))
        {
            var sample = await LookAsync();
            watched.Pass.Replicas ??= sample?.Replicas?.Count;
            var held = time.GetElapsedTime(since);
            var answer = gate.Judge(sample, watched.Limits.Replicas ?? watched.Pass.Replicas ?? 0, held);
            reason = reason.Length > 0 ? reason : answer.Detail;
            if (answer.State == MigrationGateState.Open)
            {
                HasHeld(reason, held, what);
                return;
            }

            if (answer.State == MigrationGateState.Failed)
            {
                HasHeld(answer.Detail, held, what);
                throw GateHeld(what, answer.Detail, left());
            }

            Tell(answer.Detail);
        }
    }

    private void HasHeld(string reason, TimeSpan held, string what)
    {
        if (reason.Length > 0)
        {
            log.Held(held, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the gate before {what} held for {held.TotalSeconds:0.#} s: {reason}"));
        }
    }

    private async Task LookAgainAndAgainAsync()
    {
        for (var wait = Often; await PauseAsync(wait);)
        {
            if (isAtGate)
            {
                continue;
            }

            var under = Attempt;
            var sample = await LookAsync();
            wait = sample is null or { StrongLocks.Count: > 0 } or { WaitsForLock: true } ? Often : Seldom;
            Tell("");
            if (sample is not null && watched.IsJudged && breaker.Judge(sample) is { } passed && TryTrip(passed, under) is { } source)
            {
                log.Fired($"cancelled: {passed}");
                await source.CancelAsync();
            }
        }
    }

    private int Attempt
    {
        get
        {
            lock (tripping)
            {
                return attempt;
            }
        }
    }

    // Null where it has tripped already, or where what was seen has ended since.
    private CancellationTokenSource? TryTrip(MigrationTrip passed, int under)
    {
        lock (tripping)
        {
            if (trip is not null || under != attempt)
            {
                return null;
            }

            trip = passed;
            return tripped;
        }
    }

    private async Task<bool> PauseAsync(TimeSpan wait)
    {
        await Task.Delay(wait, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !ended.IsCancellationRequested;
    }

    // A look that cannot be taken is counted and told, and is critical to a gate; a statement goes on meanwhile.
    private async Task<MigrationSample?> LookAsync()
    {
        try
        {
            last = Processors(await sampler.LookAsync());
            log.Add(last);
            Keep(last.StrongLocks);
            Blockers = last.BlockedBy.Count > 0 ? string.Join("; ", last.BlockedBy) : Blockers;
            return last;
        }
        catch (Exception e) when (e is DbException or DeployOpsException or IOException)
        {
            log.Miss();
            log.CannotTell($"a look failed: {sampler.Words(e)}");
            return null;
        }
    }

    // "AccessExclusiveLock on orders" is orders AccessExclusiveLock where statements are told of.
    private void Keep(IReadOnlyList<string> locks)
    {
        lock (strong)
        {
            strong.UnionWith(locks.Select(held => held.Split(" on ", 2) is [var mode, var table] ? $"{table} {mode}" : held));
        }
    }

    private DeployOpsException GateHeld(string what, string detail, string left) => new(
        "MigrationGateHeld",
        FaultKind.Busy,
        $"{watched.Script}: the gate before {what} did not open: {detail}. {left}",
        "Bring back what is missing, or wait until it has passed, then run again; a plan may allow more by Databases.Limits, and names there by DelayedReplicas those that are behind on purpose.")
    { Target = watched.Script };

    // Somebody's own probe knows better than what can be seen from here.
    private MigrationSample Processors(MigrationSample sample) => watched.Observer.Processors is { } reading
        ? sample with { Cpu = reading.Share, CpuUnknown = reading.Unknown }
        : sample with { CpuUnknown = sample.Cpu is null ? sampler.ProcessorsUnknown ?? "" : "" };

    private void Tell(string holds) => watched.Observer.Progress(new MigrationProgress
    {
        Script = watched.Script,
        Elapsed = sampler.Elapsed,
        Statement = Statement,
        Statements = watched.Statements,
        Rounds = Rounds,
        Sample = last,
        Holds = holds,
    });
}
