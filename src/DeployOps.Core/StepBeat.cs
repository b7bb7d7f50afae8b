using DeployOps.Migrations.Watching;

namespace DeployOps;

/// <summary>Shows that work goes on that tells nothing itself, so that nobody takes what is long for what hangs: it is never silent for longer than a second.</summary>
internal static class StepBeat
{
    /// <summary>How long nothing may be said.</summary>
    internal static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>Waits for work, and says each second that it goes on.</summary>
    /// <param name="running">The work.</param>
    /// <param name="time">The clock.</param>
    /// <param name="beat">Says it; given since when the work is waited for.</param>
    internal static async Task WaitAsync(Task running, TimeProvider time, Action<TimeSpan> beat)
    {
        var started = time.GetTimestamp();
        while (!running.IsCompleted)
        {
            await running.WaitAsync(Beat, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!running.IsCompleted)
            {
                beat(time.GetElapsedTime(started));
            }
        }

        await running;
    }

    /// <summary>Does the work, and says each second what is done and for how long already.</summary>
    /// <param name="reporter">Where it is shown.</param>
    /// <param name="time">The clock.</param>
    /// <param name="activity">The phase, in a few words.</param>
    /// <param name="status">What is done.</param>
    /// <param name="work">The work.</param>
    /// <param name="percent">0 to 100, or null where the end is not known.</param>
    internal static async Task<T> RunAsync<T>(this IStepReporter reporter, TimeProvider time, string activity, string status, Func<Task<T>> work, int? percent = null)
    {
        reporter.Progress(activity, status, percent);
        var running = work();
        await WaitAsync(running, time, elapsed => reporter.Progress(activity, $"{status}, {WatchText.Time(elapsed)}", percent));
        return await running;
    }
}
