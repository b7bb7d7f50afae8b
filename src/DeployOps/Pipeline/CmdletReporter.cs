using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Host;
using DeployOps.Secrets;

namespace DeployOps.Pipeline;

/// <summary>Shows what the domain tells on the streams of a cmdlet, redacted; progress under one id and at most four times a second.</summary>
internal sealed class CmdletReporter(Cmdlet cmdlet, PipelinePump pump, Redactor redactor, Func<PSHost?> host) : IStepReporter
{
    private const int ProgressId = 2_401;
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);

    private long lastProgress;
    private string? lastActivity;

    public void Progress(string activity, string status, int? percent = null)
    {
        // A new activity is always shown; within one, only as often as a person can read.
        if (activity == lastActivity && Stopwatch.GetElapsedTime(lastProgress) < ProgressInterval)
        {
            return;
        }

        lastActivity = activity;
        lastProgress = Stopwatch.GetTimestamp();
        var (title, text) = (redactor.Redact(activity), redactor.Redact(status));
        pump.Post(() => cmdlet.WriteProgress(new ProgressRecord(ProgressId, title, text.Length == 0 ? " " : text) { PercentComplete = percent ?? -1 }));
    }

    public void Warn(string message)
    {
        var text = redactor.Redact(message);
        pump.Post(() => cmdlet.WriteWarning(text));
    }

    public Task<bool?> AskAsync(string question, CancellationToken cancellationToken) =>
        AskAsync<bool?>(() => cmdlet.ShouldContinue(redactor.Redact(question), "DeployOps"), cancellationToken);

    public Task<string?> AskTextAsync(string question, CancellationToken cancellationToken) => AskAsync(() =>
    {
        if (host()?.UI is not { } ui)
        {
            return null;
        }

        ui.Write(redactor.Redact(question) + " ");
        return ui.ReadLine();
    }, cancellationToken);

    /// <summary>Takes the progress off the screen. On the pipeline's thread.</summary>
    internal void Complete()
    {
        if (lastActivity is { } activity)
        {
            lastActivity = null;
            cmdlet.WriteProgress(new ProgressRecord(ProgressId, activity, " ") { RecordType = ProgressRecordType.Completed });
        }
    }

    // A prompt on the screen cannot be taken back, but nobody waits for its answer once another terminal has decided.
    private Task<T?> AskAsync<T>(Func<T?> ask, CancellationToken cancellationToken) =>
        pump.AskAsync(() => cancellationToken.IsCancellationRequested ? default : Attended(ask)).WaitAsync(cancellationToken);

    private static T? Attended<T>(Func<T?> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception e) when (Unattended.Means(e))
        {
            return default;
        }
    }
}
