using System.Management.Automation;

namespace DeployOps.Tests.Help;

/// <summary>Shows a sample.</summary>
/// <remarks>
/// <para>Goes first to <see cref="HelpSampleBase.Place"/>.</para>
/// <para>Then returns.</para>
/// </remarks>
/// <example>
/// <code>
/// Show-HelpSample here |
///     Where-Object Length -gt 3
/// </code>
/// Shows what is here.
/// </example>
[Cmdlet(VerbsCommon.Show, "HelpSample", DefaultParameterSetName = "ByName", SupportsShouldProcess = true)]
[OutputType(typeof(string))]
public sealed class ShowHelpSampleCommand : HelpSampleBase
{
    /// <summary>The sample's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByName")]
    [Alias("Called")]
    public string Name { get; set; } = string.Empty;

    /// <summary>The sample itself.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = "ByObject")]
    public Uri[] Sample { get; set; } = [];

    /// <summary>How long to show it.</summary>
    [Parameter]
    public TimeSpan Duration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Which day.</summary>
    [Parameter]
    public DayOfWeek? Day { get; set; }
}
