using DeployOps.Migrations.Validations;

namespace DeployOps.Migrations.Watching;

/// <summary>
/// Shows how far a script is and keeps what its watch saw. Where the database tells nothing it shows the time at least, so that nobody takes a long statement for a
/// program that hangs: it is never silent for longer than a second.
/// </summary>
/// <param name="reporter">Where it is shown.</param>
/// <param name="time">The clock.</param>
/// <param name="script">The script's file name.</param>
internal sealed class MigrationWitness(IStepReporter reporter, TimeProvider time, string script) : IMigrationObserver
{
    private const string Activity = "Migration";
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private long heard;

    /// <inheritdoc/>
    public Func<IValidationTarget, CancellationToken, Task>? BeforeCommit { get; init; }

    /// <summary>What the watch saw; null where nothing was watched.</summary>
    internal MigrationEvidence? Evidence { get; private set; }

    /// <summary>Runs a script's work and shows that it goes on until it has ended.</summary>
    internal async Task RunAsync(Func<IMigrationObserver, Task> work)
    {
        var started = time.GetTimestamp();
        Interlocked.Exchange(ref heard, started);
        var running = work(this);
        while (!running.IsCompleted)
        {
            await running.WaitAsync(Beat, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!running.IsCompleted && time.GetElapsedTime(Interlocked.Read(ref heard)) >= Beat)
            {
                Progress(new MigrationProgress { Script = script, Elapsed = time.GetElapsedTime(started) });
            }
        }

        await running;
    }

    /// <inheritdoc/>
    public void Progress(MigrationProgress progress)
    {
        Interlocked.Exchange(ref heard, time.GetTimestamp());
        reporter.Progress(Activity, progress.ToString(), progress.Percent);
    }

    /// <inheritdoc/>
    public void Ended(MigrationEvidence evidence) => Evidence = evidence;
}
