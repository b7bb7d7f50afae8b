using System.Management.Automation;
using System.Reflection;

namespace DeployOps.Tests.Probes;

/// <summary>Hands the first object on and ends the pipeline above it, as Select-Object -First 1 does, which the embedded engine lacks.</summary>
[Cmdlet(VerbsCommon.Select, "FirstProbe")]
[OutputType(typeof(object))]
public sealed class SelectFirstProbeCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public object? InputObject { get; set; }

    protected override void ProcessRecord()
    {
        WriteObject(InputObject);
        var enough = typeof(PSCmdlet).Assembly.GetType("System.Management.Automation.StopUpstreamCommandsException", throwOnError: true)!;
        throw (Exception)Activator.CreateInstance(enough, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, null, [this], null)!;
    }
}
