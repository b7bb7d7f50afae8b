using System.Diagnostics;
using DeployOps.Operations;

namespace DeployOps.Pipeline;

/// <summary>
/// What one call of a command tells the operations log, redacted. It is held back until it is known that it shall be kept: what only plans, and what
/// nobody consented to, leaves nothing behind. A log that cannot be written is warned of once and stops nothing: what happened to production is in the
/// execution log.
/// </summary>
/// <param name="command">The command's name.</param>
/// <param name="ports">The clock, the operator and the redactor.</param>
/// <param name="window">The id of the window the command works on, as soon as there is one.</param>
internal sealed class OperationsRecord(string command, Ports ports, Func<string?> window)
{
    private readonly Lock gate = new();
    private readonly Queue<OperationEvent> held = [];
    private IOperationsLog? log;
    private bool isBroken;
    private readonly string run = Guid.NewGuid().ToString("N");
    private readonly long began = Stopwatch.GetTimestamp();
    private string? fault;

    /// <summary>True when the command's end is told.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>Why nothing is written any more; null where that is not so, or was asked before.</summary>
    internal string? TakeFault()
    {
        var taken = fault;
        fault = null;
        return taken;
    }

    /// <summary>Keeps what was told and what will be.</summary>
    internal void Keep()
    {
        lock (gate)
        {
            log ??= ports.Adapters.OpenOperationsLog(new OperationsFile(ports.Home.Root, ports.TimeProvider));
            Flush();
        }
    }

    /// <summary>Tells an event and answers its text as it may be shown.</summary>
    internal string Tell(OperationLevel level, string message, string? errorId = null) => Write(level, message, errorId);

    /// <summary>Tells how the command ended, once.</summary>
    internal string End(string how, OperationLevel level = OperationLevel.Information, string? errorId = null)
    {
        HasEnded = true;
        return Write(level, how, errorId, Stopwatch.GetElapsedTime(began));
    }

    private string Write(OperationLevel level, string message, string? errorId = null, TimeSpan? elapsed = null)
    {
        var told = new OperationEvent
        {
            Time = ports.TimeProvider.GetUtcNow(),
            Level = level,
            Message = ports.Redactor.Redact(message),
            Command = command,
            Run = run,
            Window = window(),
            Operator = ports.Operator.Name,
            ProcessId = Environment.ProcessId,
            ErrorId = errorId,
            Elapsed = elapsed,
        };
        lock (gate)
        {
            held.Enqueue(told);
            Flush();
        }

        return told.Message;
    }

    private void Flush()
    {
        try
        {
            while (log is not null && !isBroken && held.TryDequeue(out var next))
            {
                // What is known by now: the window that the command was about to find, and secrets that it learned meanwhile.
                log.Write(next with { Window = next.Window ?? window(), Message = ports.Redactor.Redact(next.Message) });
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DeployOpsException)
        {
            // One warning is enough for a disk that is full: the rest of this call is not written.
            isBroken = true;
            fault = $"The operations log is not written: {e.Message}";
        }
    }
}
