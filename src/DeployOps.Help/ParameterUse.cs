using System.Management.Automation;

namespace DeployOps.Help;

/// <summary>How one parameter set takes a parameter.</summary>
/// <param name="IsMandatory">It must be given.</param>
/// <param name="Position">From 0; null where it is named.</param>
/// <param name="ByValue">It takes the object from the pipeline.</param>
/// <param name="ByPropertyName">It takes a property of that object.</param>
internal sealed record ParameterUse(bool IsMandatory, int? Position, bool ByValue, bool ByPropertyName)
{
    /// <summary>The engine's name for "whichever set it is".</summary>
    public const string EverySet = ParameterAttribute.AllParameterSets;

    /// <summary>The use that an attribute declares.</summary>
    public static ParameterUse From(ParameterAttribute attribute) => new(
        attribute.Mandatory,
        attribute.Position == int.MinValue ? null : attribute.Position,
        attribute.ValueFromPipeline,
        attribute.ValueFromPipelineByPropertyName);
}
