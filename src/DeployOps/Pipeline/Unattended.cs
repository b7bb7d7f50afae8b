using System.Management.Automation;
using System.Management.Automation.Host;

namespace DeployOps.Pipeline;

/// <summary>Whether a host that was to ask said that nobody is there to answer.</summary>
internal static class Unattended
{
    /// <summary>True for what hosts without a prompt throw: each has its own way to say it.</summary>
    internal static bool Means(Exception exception) =>
        exception is HostException or PSInvalidOperationException or PSNotImplementedException or NotImplementedException or PSNotSupportedException;
}
