using System.Management.Automation;
using DeployOps.Plans.Binding;

namespace DeployOps.Arguments;

/// <summary>
/// Reads a parameter's time span as a plan does: <c>hh:mm:ss</c> or <c>d.hh:mm:ss</c>. Left to itself, PowerShell takes 24:00:00 for 24 days and the number 12 for 12 ticks.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PlanTimeSpanAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        null => inputData!,
        TimeSpan span => span,
        string text when PlanSectionValues.TryReadSpan(text, out var span) => span,
        var other => throw new ArgumentTransformationMetadataException($"'{other}' is no time span as 'hh:mm:ss' or 'd.hh:mm:ss', such as 12:00:00; a day is 1.00:00:00."),
    };
}
