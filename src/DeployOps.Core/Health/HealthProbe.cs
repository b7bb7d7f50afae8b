using DeployOps.Gates;
using DeployOps.Health.Metrics;

namespace DeployOps.Health;

/// <summary>
/// Asks an address until it answers 200 so many times in a row, or its time is over. An answer that is not 200, or none, begins the row anew.
/// Not reachable is Fail: whether the system is well is exactly what was asked.
/// </summary>
public sealed class HealthProbe(HttpAsker asker, TimeProvider timeProvider)
{
    /// <summary>A body is not looked at; this much is read so that the server may finish its answer.</summary>
    private const int BodyLimit = 65_536;

    /// <summary>Asks.</summary>
    /// <param name="probe">The address, how often in a row, how long between two asks and for one.</param>
    /// <param name="deadline">How long to go on trying. The first row is asked in any case, so 0 asks once in a row without a second chance.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<GateResult> AskAsync(ProbeSpec probe, TimeSpan deadline, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(probe);
        var began = timeProvider.GetTimestamp();
        var inARow = 0;
        var asked = 0;
        while (true)
        {
            var answer = await asker.GetAsync(probe.Uri, probe.Timeout, BodyLimit, cancellationToken);
            asked++;
            inARow = answer.IsOk ? inARow + 1 : 0;
            var elapsed = timeProvider.GetElapsedTime(began);
            if (inARow >= probe.Consecutive)
            {
                return GateResult.Pass(probe.Name, $"{inARow} of {probe.Consecutive} answers in a row were 200 in {MetricText.Span(elapsed)}");
            }

            // A row that is unbroken from the first ask is let finish: it is what the probe takes when all is well.
            var isUnbroken = inARow == asked;
            if (!isUnbroken && elapsed + probe.Interval > deadline)
            {
                return GateResult.Fail(probe.Name, Failure(probe, answer, inARow, asked, elapsed));
            }

            await Task.Delay(probe.Interval, timeProvider, cancellationToken);
        }
    }

    private static string Failure(ProbeSpec probe, HttpAnswer answer, int inARow, int asked, TimeSpan elapsed) =>
        $"{HttpAsker.Show(probe.Uri)}: {answer.Words}; {inARow} of {probe.Consecutive} answers in a row were 200, asked {asked} time{(asked == 1 ? "" : "s")} in {MetricText.Span(elapsed)}";
}
