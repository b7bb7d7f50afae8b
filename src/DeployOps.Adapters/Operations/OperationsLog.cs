using System.Runtime.ExceptionServices;
using DeployOps.Operations;
using Serilog;
using Serilog.Core;
using Serilog.Core.Enrichers;
using Serilog.Events;

namespace DeployOps.Adapters.Operations;

/// <summary>The operations log by Serilog.</summary>
/// <param name="file">Where it is written.</param>
internal sealed class OperationsLog(OperationsFile file) : IOperationsLog
{
    private const string Template = "{Command}: {What}";

    private readonly CompactLines lines = new(file);

    /// <inheritdoc/>
    public void Write(OperationEvent operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        // Audit: what cannot be written is told to the caller, and not swallowed.
        using var logger = new LoggerConfiguration().MinimumLevel.Verbose().AuditTo.Sink(lines).CreateLogger();
        var known = logger.ForContext([.. Properties(operation)]);
        if (known.BindMessageTemplate(Template, [operation.Command, operation.Message], out var template, out var bound))
        {
            Write(known, new LogEvent(operation.Time, LevelOf(operation.Level), exception: null, template, bound));
        }
    }

    private static void Write(ILogger logger, LogEvent entry)
    {
        try
        {
            logger.Write(entry);
        }
        catch (AggregateException e) when (e.InnerException is { } cause)
        {
            // Serilog wraps what a sink throws; a caller knows what a file throws.
            ExceptionDispatchInfo.Throw(cause);
        }
    }

    private static IEnumerable<ILogEventEnricher> Properties(OperationEvent operation)
    {
        yield return new PropertyEnricher("Run", operation.Run);
        yield return new PropertyEnricher("Operator", operation.Operator);
        yield return new PropertyEnricher("ProcessId", operation.ProcessId);
        if (operation.Window is { } window)
        {
            yield return new PropertyEnricher("Window", window);
        }

        if (operation.ErrorId is { } error)
        {
            yield return new PropertyEnricher("ErrorId", error);
        }

        if (operation.Elapsed is { } elapsed)
        {
            yield return new PropertyEnricher("ElapsedMs", Math.Round(elapsed.TotalMilliseconds));
        }
    }

    private static LogEventLevel LevelOf(OperationLevel level) => level switch
    {
        OperationLevel.Debug => LogEventLevel.Debug,
        OperationLevel.Warning => LogEventLevel.Warning,
        OperationLevel.Error => LogEventLevel.Error,
        _ => LogEventLevel.Information,
    };
}
