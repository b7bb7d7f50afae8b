using System.Management.Automation;

namespace DeployOps.Tests.Help;

public abstract class HelpSampleBase : PSCmdlet
{
    /// <summary>Where it
    /// lies.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string Place { get; set; } = "here";
}
