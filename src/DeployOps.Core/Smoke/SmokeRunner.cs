using System.Text;
using DeployOps.Smoke.Running;

namespace DeployOps.Smoke;

/// <summary>
/// Runs smoke files. Files are independent of each other and run at the same time; a file's requests run one after the
/// other, share cookies and captured values, and end at the first that fails. A file that does not pass is run once
/// more, at once and from its beginning, before that counts.
/// </summary>
/// <param name="options">How to run.</param>
/// <param name="time">The clock of time limits, retries and durations.</param>
/// <param name="handlers">Makes what sends the requests, one for each run of a file so that no connection outlives a cut-over; it must neither follow redirects nor keep cookies.</param>
public sealed class SmokeRunner(SmokeRunOptions options, TimeProvider time, Func<HttpMessageHandler>? handlers = null)
{
    private const int MostAttempts = 2;

    private readonly Func<HttpMessageHandler> handlers = handlers ?? CreateHandler;

    /// <summary>Runs the files and judges them; without knowledge of an old version.</summary>
    /// <param name="files">The files, in the order of the result.</param>
    /// <param name="variables">The variables they are given: texts, numbers, booleans, null.</param>
    /// <param name="reporter">Is told of each file that ends.</param>
    /// <param name="cancellationToken">Stops the requests that are under way.</param>
    /// <exception cref="DeployOpsException">A variable is undefined or invalid; found before anything is sent. See <see cref="SmokePlanner.Plan"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public async Task<SmokeSuite> RunAsync(
        IReadOnlyList<HurlFile> files,
        IReadOnlyDictionary<string, object?> variables,
        IStepReporter reporter,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(reporter);
        var given = SmokeVariables.From(variables);
        SmokePlanner.Check(files, given);
        // Known before anything is sent: what answers the first request may quote the password of the last.
        var credentials = files.SelectMany(static file => file.Credentials).ToList();
        var checks = new SmokeCheck[files.Count];
        var done = 0;
        await Parallel.ForAsync(
            0,
            files.Count,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Parallelism), CancellationToken = cancellationToken },
            async (index, token) =>
            {
                checks[index] = await RunAsync(files[index], given, credentials, token);
                var ended = Interlocked.Increment(ref done);
                reporter.Progress("Smoke tests", $"{ended} of {files.Count} ended, last {checks[index].Name}: {checks[index].Outcome}", ended * 100 / files.Count);
            });
        return SmokeJudge.Judge(checks);
    }

    private async Task<SmokeCheck> RunAsync(HurlFile file, SmokeVariables variables, List<string> credentials, CancellationToken cancellationToken)
    {
        var attempts = new List<SmokeAttempt>();
        var secrets = new SmokeSecrets(options);
        credentials.ForEach(secrets.Add);
        string evidence;
        do
        {
            using var client = new SmokeClient(handlers(), options, secrets, time);
            var run = new SmokeFileRun(file, variables.Copy(), client, secrets, time);
            attempts.Add(await run.RunAsync(attempts.Count + 1, cancellationToken));
            evidence = run.Evidence.ToString();
        }
        while (attempts[^1].Outcome != SmokeOutcome.Passed && attempts.Count < MostAttempts);

        var last = attempts[^1];
        return new SmokeCheck(file.Name, file.Path, last.Outcome)
        {
            Line = last.Line,
            Message = last.Outcome == SmokeOutcome.Passed && attempts.Count > 1 ? $"passed at the second attempt; first, at line {attempts[0].Line}: {attempts[0].Message}" : last.Message,
            Duration = attempts.Aggregate(TimeSpan.Zero, static (sum, attempt) => sum + attempt.Duration),
            Requests = attempts.Sum(static attempt => attempt.Requests),
            Evidence = evidence,
            Attempts = attempts,
        };
    }

    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.UTF8,
    };
}
