using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Host;
using DeployOps.Secrets;

namespace DeployOps.Pipeline;

/// <summary>Shows what the domain tells on the streams of a cmdlet, redacted; progress under one id and at most four times a second.</summary>
internal sealed class CmdletReporter(Cmdlet cmdlet, PipelinePump pump, Redactor redactor, Func<PSHost?> host) : IStepReporter
{
    private const int ProgressId = 2_401;
    private const int Yes = 0;
    private const int No = 1;
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

    public Task<bool?> AskAsync(string question, CancellationToken cancellationToken) => ChooseAsync(question, No, cancellationToken);

    public Task<bool?> ProposeAsync(string question, CancellationToken cancellationToken) => ChooseAsync(question, Yes, cancellationToken);

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

    // Not by ShouldContinue: it takes Enter for yes, and where it does not it offers "Yes to All", which a yes to what was named is not.
    private Task<bool?> ChooseAsync(string question, int enter, CancellationToken cancellationToken) => AskAsync<bool?>(() =>
    {
        var choices = new Collection<ChoiceDescription> { new("&Yes", "Go on with it."), new("&No", "Leave it.") };
        return host()?.UI is { } ui ? ui.PromptForChoice("DeployOps", redactor.Redact(question), choices, enter) == Yes : null;
    }, cancellationToken);

    // A prompt on the screen cannot be taken back, but nobody waits for its answer once another terminal has decided.
    private Task<T?> AskAsync<T>(Func<T?> ask, CancellationToken cancellationToken) =>
        pump.AskAsync(() => cancellationToken.IsCancellationRequested ? default : Attended(ask)).WaitAsync(cancellationToken);

    private T? Attended<T>(Func<T?> ask)
    {
        try
        {
            return Unattended.Is(host()) ? default : ask();
        }
        catch (Exception e) when (Unattended.Means(e))
        {
            return default;
        }
    }
}
