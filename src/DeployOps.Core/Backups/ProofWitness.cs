namespace DeployOps.Backups;

/// <summary>
/// Shows how far a backup's proof, or its restore, is, and keeps what it did to others. A database that tells nothing is told of by the time it takes, so that nobody takes a long restore for a
/// program that hangs: it is never silent for longer than a second.
/// </summary>
/// <param name="reporter">Where it is shown.</param>
/// <param name="time">The clock.</param>
/// <param name="database">The database's name in the plan.</param>
internal sealed class ProofWitness(IStepReporter reporter, TimeProvider time, string database) : IProofObserver
{
    private const string Activity = "Backup";
    private long heard;
    private volatile string doing = "";

    /// <summary>Keeps a secret out of everything that is written. Default: does nothing.</summary>
    internal Action<string> Hide { get; init; } = _ => { };

    /// <summary>What it did to others; null where it was told of nothing.</summary>
    internal ProofEvidence? Evidence { get; private set; }

    /// <summary>Does a part of the work and shows that it goes on until it has ended.</summary>
    /// <param name="what">The part, such as <c>copying</c>.</param>
    /// <param name="work">The work.</param>
    internal async Task<T> RunAsync<T>(string what, Func<Task<T>> work)
    {
        Task<T>? running = null;
        await RunAsync(what, Task () => running = work());
        return await running!;
    }

    /// <summary>The same where nothing comes of it.</summary>
    internal async Task RunAsync(string what, Func<Task> work)
    {
        Turns(what);
        await StepBeat.WaitAsync(work(), time, elapsed =>
        {
            if (time.GetElapsedTime(Interlocked.Read(ref heard)) >= StepBeat.Beat)
            {
                Progress($"{doing}, {Migrations.Watching.WatchText.Time(elapsed)}");
            }
        });
    }

    /// <summary>Something else is done from now on.</summary>
    internal void Turns(string what)
    {
        doing = what;
        Progress(what);
    }

    /// <inheritdoc/>
    public void Progress(string what)
    {
        Interlocked.Exchange(ref heard, time.GetTimestamp());
        reporter.Progress(Activity, $"{database}: {what}");
    }

    /// <inheritdoc/>
    public void Restored(ProofEvidence evidence) => Evidence = evidence;

    /// <inheritdoc/>
    public void Left(string what)
    {
        reporter.Warn($"{database}: {what}");
        Evidence = Evidence is { } evidence ? evidence with { Left = [.. evidence.Left, what] } : null;
    }

    /// <inheritdoc/>
    public void Hides(string secret) => Hide(secret);
}
