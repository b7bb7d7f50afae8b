using System.Management.Automation;
using System.Reflection;
using DeployOps.Errors;
using DeployOps.Loading;
using DeployOps.Notices;
using DeployOps.Operations;
using DeployOps.Reports;
using DeployOps.Windows;

namespace DeployOps.Pipeline;

/// <summary>What every cmdlet of the module shares: its work is asynchronous, the pipeline's thread only writes and asks, and it returns after its work has ended.</summary>
public abstract class DeploymentCommand : PSCmdlet, IDisposable
{
    private readonly PipelinePump pump = new();
    private CmdletReporter? shown;
    private RecordedReporter? reporter;
    private OperationsRecord? record;
    private Ports? ports;

    /// <summary>What is outside the domain, as this cmdlet found it when it began.</summary>
    private protected Ports Ports => ports ??= ModuleServices.Ports;

    /// <summary>Tells and asks through this cmdlet.</summary>
    private protected IStepReporter Reporter => reporter ??= new RecordedReporter(shown ??= new CmdletReporter(this, pump, Ports.Redactor, () => Host), Record);

    /// <summary>The id of the window the command works on, for the operations log; null where there is none, or none yet.</summary>
    private protected virtual string? WindowId => null;

    /// <summary>True under -WhatIf, given here or inherited.</summary>
    private protected bool IsWhatIf { get; private set; }

    /// <summary>Signalled by Ctrl+C, by Stop and by what breaks downstream.</summary>
    private protected CancellationToken Token => pump.Token;

    /// <summary>Work before the first input.</summary>
    private protected virtual Task BeginAsync() => Task.CompletedTask;

    /// <summary>Work for each input.</summary>
    private protected virtual Task ProcessAsync() => Task.CompletedTask;

    /// <summary>Work after the last input.</summary>
    private protected virtual Task EndAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => Run(BeginAsync);

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => Run(ProcessAsync);

    /// <inheritdoc/>
    protected sealed override void EndProcessing()
    {
        Run(EndAsync);
        EndRecord("ended");
    }

    /// <inheritdoc/>
    protected sealed override void StopProcessing() => pump.Stop();

    /// <summary>Emits an object and returns when everything downstream has had it.</summary>
    private protected Task EmitAsync(object value) => pump.AskAsync(() =>
    {
        WriteObject(value, enumerateCollection: false);
        return true;
    });

    /// <summary>Does something on the pipeline's thread, where scripts of the caller's session run, and returns what it came to.</summary>
    private protected Task<T> DoAsync<T>(Func<T> act) => pump.AskAsync(act);

    /// <summary>Asks for consent to a change, as -WhatIf and -Confirm want it.</summary>
    /// <exception cref="DeployOpsException"><c>NobodyToConfirm</c> where a confirmation is wanted and nobody can give it; nothing was changed.</exception>
    private protected Task<bool> ShouldProcessAsync(string target, string action) => pump.AskAsync(() =>
    {
        if (!IsConsentedTo(target, action))
        {
            return false;
        }

        // The engine says this on the verbose stream itself.
        record!.Tell(OperationLevel.Information, $"{target}: {action}");
        record.Keep();
        return true;
    });

    /// <summary>Tells people what the log says they were to be told, and writes the report anew, which tells what they were told.</summary>
    private protected async Task TellAsync(DeploymentWindow window)
    {
        if (!IsWhatIf && window.State != WindowState.Planned)
        {
            await new NoticeDesk(Ports, Reporter).TellAsync(window, Token);
            await new DeploymentReport(Ports).RefreshAsync(window, Reporter);
        }
    }

    /// <summary>Keeps what this command did in the operations log, where it changes something nobody was asked about.</summary>
    private protected void KeepRecord() => record!.Keep();

    /// <summary>Writes a non-terminating error; under -ErrorAction Stop it ends the pipeline.</summary>
    private protected Task WriteErrorAsync(Exception exception)
    {
        Record(OperationLevel.Error, exception.Message, ErrorIdOf(exception));
        KeepFailure();
        return pump.AskAsync(() =>
        {
            WriteError(ErrorRecords.From(exception, Ports.Redactor));
            return true;
        });
    }

    /// <summary>A full path from what somebody typed: relative to the session's current location, <c>~</c> understood.</summary>
    private protected string FullPath(string path) => GetUnresolvedProviderPathFromPSPath(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets go what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (record is { HasEnded: false })
            {
                record.End("ended early, with the pipeline");
            }

            pump.Dispose();
        }
    }

    private void Run(Func<Task> work)
    {
        IsWhatIf = MyInvocation.BoundParameters.TryGetValue("WhatIf", out var given)
            ? LanguagePrimitives.IsTrue(given)
            : LanguagePrimitives.IsTrue(SessionState.PSVariable.GetValue("WhatIfPreference"));
        try
        {
            BeginRecord();
            pump.Run(work);
        }
        catch (OperationCanceledException) when (Stopping || pump.Token.IsCancellationRequested)
        {
            record?.End("stopped", OperationLevel.Warning);
            throw new PipelineStoppedException();
        }
        catch (Exception e) when (!IsFlowControl(e))
        {
            CompleteProgress();
            KeepFailure();
            EndRecord($"failed: {e.Message}", OperationLevel.Error, ErrorIdOf(e));
            ThrowTerminatingError(ErrorRecords.From(e, Ports.Redactor));
        }
        finally
        {
            CompleteProgress();
        }
    }

    private bool IsConsentedTo(string target, string action)
    {
        Exception? cause = null;
        if (!WantsConfirmation() || !Unattended.Is(Host))
        {
            try
            {
                return ShouldProcess(Ports.Redactor.Redact(target), Ports.Redactor.Redact(action));
            }
            catch (Exception e) when (Unattended.Means(e))
            {
                cause = e;
            }
        }

        throw new DeployOpsException(
            "NobodyToConfirm",
            FaultKind.Denied,
            $"'{action}' on '{target}' wants a confirmation, and nobody is here to give it.",
            "Where nobody can answer, leave -Confirm out or give -Confirm:$false.",
            cause);
    }

    // As the engine decides whether it asks, which it tells nobody beforehand.
    private bool WantsConfirmation()
    {
        if (IsWhatIf)
        {
            return false;
        }

        if (MyInvocation.BoundParameters.TryGetValue("Confirm", out var given))
        {
            return LanguagePrimitives.IsTrue(given);
        }

        return LanguagePrimitives.TryConvertTo<ConfirmImpact>(SessionState.PSVariable.GetValue("ConfirmPreference"), out var preference)
            && preference != ConfirmImpact.None
            && GetType().GetCustomAttribute<CmdletAttribute>()!.ConfirmImpact >= preference;
    }

    private void BeginRecord()
    {
        if (record is null)
        {
            record = new OperationsRecord(MyInvocation.MyCommand.Name, Ports, () => WindowId);
            WriteVerbose(record.Tell(OperationLevel.Information, "began"));
        }
    }

    // Of what could have changed something it is worth knowing later why it did not, also where it failed before anybody was asked.
    private void KeepFailure()
    {
        if (!IsWhatIf && GetType().GetCustomAttribute<CmdletAttribute>()!.SupportsShouldProcess)
        {
            record?.Keep();
        }
    }

    private void EndRecord(string how, OperationLevel level = OperationLevel.Information, string? errorId = null)
    {
        if (record is { HasEnded: false })
        {
            WriteVerbose(record.End(how, level, errorId));
            WarnOfRecord();
        }
    }

    private void WarnOfRecord()
    {
        if (record?.TakeFault() is { } fault)
        {
            WriteWarning(Ports.Redactor.Redact(fault));
        }
    }

    private static string ErrorIdOf(Exception exception) => (exception as DeployOpsException)?.ErrorId ?? "UnexpectedFailure";

    private void Record(OperationLevel level, string message) => Record(level, message, errorId: null);

    private void Record(OperationLevel level, string message, string? errorId)
    {
        var text = record!.Tell(level, message, errorId);
        pump.Post(() => WriteVerbose(text));
    }

    private void CompleteProgress()
    {
        if (!Stopping)
        {
            try
            {
                shown?.Complete();
            }
            catch (PipelineStoppedException)
            {
                // The pipeline stopped meanwhile; then the host takes its progress away itself.
            }
        }
    }

    // What the engine throws through WriteObject to end a pipeline early is its own and goes on as it is.
    private static bool IsFlowControl(Exception exception) => exception.GetType().Assembly == typeof(PSCmdlet).Assembly;
}
