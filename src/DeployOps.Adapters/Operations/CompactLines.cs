using System.Text;
using DeployOps.Operations;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Compact;

namespace DeployOps.Adapters.Operations;

/// <summary>
/// Writes events as compact JSON, a line each. Serilog's own file sink does not do here: shared between processes it cannot make a file its owner's
/// alone, and its lock does not reach from one login session to another.
/// </summary>
/// <param name="file">Where the lines go.</param>
internal sealed class CompactLines(OperationsFile file) : ILogEventSink
{
    private readonly CompactJsonFormatter formatter = new();

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        using var line = new StringWriter { NewLine = "\n" };
        formatter.Format(logEvent, line);
        file.Append(Encoding.UTF8.GetBytes(line.ToString()));
    }
}
