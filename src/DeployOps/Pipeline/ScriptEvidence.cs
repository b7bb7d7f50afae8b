using System.Management.Automation;
using System.Text;

namespace DeployOps.Pipeline;

/// <summary>All that a script wrote, on whichever stream, in order; what goes beyond the limit is counted instead of kept.</summary>
internal sealed class ScriptEvidence
{
    private readonly Lock gate = new();
    private readonly StringBuilder text = new();
    private readonly int limit;
    private long dropped;

    internal ScriptEvidence(PowerShell shell, int limit)
    {
        this.limit = limit;
        Listen(Output, "");
        Listen(shell.Streams.Error, "error: ");
        Listen(shell.Streams.Warning, "warning: ");
        Listen(shell.Streams.Information, "");
        Listen(shell.Streams.Verbose, "verbose: ");
    }

    /// <summary>What the script emits.</summary>
    internal PSDataCollection<PSObject> Output { get; } = [];

    public override string ToString()
    {
        lock (gate)
        {
            var shown = text.ToString().TrimEnd();
            return dropped == 0 ? shown : $"{shown}\n({dropped} more characters were not kept)";
        }
    }

    private void Listen<T>(PSDataCollection<T> stream, string prefix) =>
        stream.DataAdded += (_, added) => Add($"{prefix}{stream[added.Index]}");

    private void Add(string line)
    {
        lock (gate)
        {
            if (text.Length + line.Length + 1 <= limit)
            {
                text.Append(line).Append('\n');
            }
            else
            {
                dropped += line.Length + 1;
            }
        }
    }
}
