using System.Management.Automation;
using System.Management.Automation.Host;

namespace DeployOps.Pipeline;

/// <summary>Whether nobody is there to answer what a host would ask.</summary>
internal static class Unattended
{
    // What pwsh calls its own host. Others bring a question to a person by other ways than standard input.
    private const string ConsoleHost = "ConsoleHost";

    /// <summary>
    /// True where a question would be answered by lines that nobody types: pwsh reads them from what is piped to it, as under cron, systemd and CI servers, takes an empty line for
    /// the default, and breaks where there are no more.
    /// </summary>
    internal static bool Is(PSHost? host) => host?.Name == ConsoleHost && IsInputRedirected;

    /// <summary>True for whatever a prompt throws, since each host has its own way to say that nobody is there. What the engine throws to end a pipeline is none of it.</summary>
    internal static bool Means(Exception exception) => exception is not (PipelineStoppedException or FlowControlException or ActionPreferenceStopException);

#pragma warning disable RS0030 // It is looked at, and nothing is written to it.
    private static bool IsInputRedirected => Console.IsInputRedirected;
#pragma warning restore RS0030
}
