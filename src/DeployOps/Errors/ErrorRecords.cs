using System.Management.Automation;
using DeployOps.Secrets;

namespace DeployOps.Errors;

/// <summary>Turns what the domain throws into error records: the one place where that happens.</summary>
internal static class ErrorRecords
{
    /// <summary>The record of an exception; its message is redacted and its target is what the exception is about.</summary>
    internal static ErrorRecord From(Exception exception, Redactor redactor, object? target = null)
    {
        var known = exception as DeployOpsException;
        var shown = IsClean(exception, redactor)
            ? exception
            : new DeployOpsException(known?.ErrorId ?? "UnexpectedFailure", known?.Kind ?? FaultKind.Failed, redactor.Redact(exception.Message));
        var record = new ErrorRecord(shown, known?.ErrorId ?? "UnexpectedFailure", Category(known?.Kind), known?.Target ?? target);
        if (known?.Command is { } command)
        {
            // Without a text of its own, so that the exception's is shown. The view wraps that beside a script's line;
            // the recommendation stands alone below it and can be copied.
            record.ErrorDetails = new ErrorDetails("") { RecommendedAction = redactor.Redact(command) };
        }

        return record;
    }

    /// <summary>
    /// Whether nothing that a person may print of an exception holds a secret: neither it nor any of its causes, with what the engine keeps beside them.
    /// A clean message says nothing of the cause behind it.
    /// </summary>
    internal static bool IsClean(Exception exception, Redactor redactor)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            var record = (cause as IContainsErrorRecord)?.ErrorRecord;
            var said = cause.Data.Values.Cast<object?>().Append(cause).Append(record?.TargetObject).Append(record?.ErrorDetails).Append(record?.InvocationInfo?.Line);
            if (said.Any(each => each?.ToString() is { } text && redactor.Redact(text) != text))
            {
                return false;
            }
        }

        return true;
    }

    private static ErrorCategory Category(FaultKind? kind) => kind switch
    {
        FaultKind.InvalidData => ErrorCategory.InvalidData,
        FaultKind.NotFound => ErrorCategory.ObjectNotFound,
        FaultKind.InvalidOperation => ErrorCategory.InvalidOperation,
        FaultKind.Busy => ErrorCategory.ResourceBusy,
        FaultKind.Failed => ErrorCategory.InvalidResult,
        FaultKind.Timeout => ErrorCategory.OperationTimeout,
        FaultKind.Stopped => ErrorCategory.OperationStopped,
        FaultKind.Denied => ErrorCategory.PermissionDenied,
        FaultKind.Security => ErrorCategory.SecurityError,
        _ => ErrorCategory.NotSpecified,
    };
}
