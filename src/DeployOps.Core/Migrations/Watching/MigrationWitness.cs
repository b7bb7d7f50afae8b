using DeployOps.Migrations.Rehearsal;
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
    private const double Whole = 100;

    // A probe is asked again a second after its answer: whoever is silent for some of these says nothing of now.
    private static readonly TimeSpan LongestValid = 5 * StepBeat.Beat;
    private readonly Lock gate = new();
    private readonly SortedDictionary<int, StatementTrace> statements = [];
    private MigrationEvidence? evidence;
    private IReadOnlyList<string>? rewritten;
    private long heard;
    private long answered;
    private volatile ProcessorReading processors = ProcessorReading.None;

    /// <inheritdoc/>
    public Func<IValidationTarget, CancellationToken, Task>? BeforeCommit { get; init; }

    /// <summary>Says how busy the processors of the database's host are, in percent; null where nobody gave a way to ask. It is asked again a second after each answer.</summary>
    public Func<CancellationToken, Task<double>>? CpuProbe { get; init; }

    /// <inheritdoc/>
    public ProcessorReading? Processors => CpuProbe is null ? null : Fresh(processors);

    /// <inheritdoc/>
    public bool Compares { get; init; }

    /// <summary>What the watch saw, and what statements did where that is compared; null where nothing was watched.</summary>
    internal MigrationEvidence? Evidence
    {
        get
        {
            lock (gate)
            {
                return evidence is null ? null : evidence with { Statements = [.. statements.Values], Rewritten = rewritten };
            }
        }
    }

    /// <summary>Runs a script's work and shows that it goes on until it has ended.</summary>
    internal async Task RunAsync(Func<IMigrationObserver, Task> work)
    {
        var started = time.GetTimestamp();
        Interlocked.Exchange(ref heard, started);
        Interlocked.Exchange(ref answered, started);
        using var ended = new CancellationTokenSource();
        var probing = CpuProbe is { } probe ? ProbeAsync(probe, ended.Token) : Task.CompletedTask;
        try
        {
            await StepBeat.WaitAsync(work(this), time, elapsed =>
            {
                if (time.GetElapsedTime(Interlocked.Read(ref heard)) >= StepBeat.Beat)
                {
                    Progress(new MigrationProgress { Script = script, Elapsed = elapsed });
                }
            });
        }
        finally
        {
            await ended.CancelAsync();
            await probing;
        }
    }

    // What was true some seconds ago opens no gate. Who has not answered yet at all is waited for like one who has.
    private ProcessorReading Fresh(ProcessorReading reading)
    {
        var age = time.GetElapsedTime(Interlocked.Read(ref answered));
        return age <= LongestValid || reading.Unknown.Length > 0
            ? reading
            : new ProcessorReading(null, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the probe has not answered for {age.TotalSeconds:0} s"));
    }

    // What a probe of somebody else's fails with is what is known of the processors then.
    private async Task ProbeAsync(Func<CancellationToken, Task<double>> probe, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            try
            {
                var percent = await probe(ended);
                Interlocked.Exchange(ref answered, time.GetTimestamp());
                processors = percent is >= 0 and <= Whole
                    ? new ProcessorReading(percent / Whole, "")
                    : new ProcessorReading(null, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the probe answered {percent}, which is no percentage"));
            }
            catch (Exception e) when (!ended.IsCancellationRequested)
            {
                processors = new ProcessorReading(null, $"the probe failed: {e.Message.TrimEnd('.')}");
            }
            catch (Exception) when (ended.IsCancellationRequested)
            {
                // Nobody wants to know any more.
                return;
            }

            await Task.Delay(StepBeat.Beat, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Progress(MigrationProgress progress)
    {
        Interlocked.Exchange(ref heard, time.GetTimestamp());
        reporter.Progress(Activity, progress.ToString(), progress.Percent);
    }

    /// <inheritdoc/>
    public void Ended(MigrationEvidence evidence)
    {
        lock (gate)
        {
            this.evidence = evidence;
        }
    }

    /// <inheritdoc/>
    public void Did(StatementTrace statement)
    {
        lock (gate)
        {
            statements[statement.Number] = statement;
        }
    }

    /// <inheritdoc/>
    public void Rewrote(IReadOnlyList<string> names)
    {
        lock (gate)
        {
            rewritten = names;
        }
    }
}
