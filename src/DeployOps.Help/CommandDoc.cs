namespace DeployOps.Help;

/// <summary>One cmdlet as its attributes tell it.</summary>
/// <param name="Verb">The approved verb.</param>
/// <param name="Noun">The noun.</param>
/// <param name="Type">The class that carries the doc comment.</param>
/// <param name="Parameters">Every parameter, the inherited ones too, and those that <c>SupportsShouldProcess</c> adds.</param>
/// <param name="ParameterSets">The sets' names, the default one first; one unnamed set where none are named.</param>
/// <param name="Outputs">What <c>OutputType</c> names.</param>
internal sealed record CommandDoc(
    string Verb,
    string Noun,
    Type Type,
    IReadOnlyList<ParameterDoc> Parameters,
    IReadOnlyList<string> ParameterSets,
    IReadOnlyList<Type> Outputs)
{
    /// <summary>Verb and noun.</summary>
    public string Name => $"{Verb}-{Noun}";
}
