using System.Reflection;

namespace DeployOps.Help;

/// <summary>One parameter as its attributes tell it.</summary>
/// <param name="Name">Without the dash.</param>
/// <param name="Type">What its value is converted to.</param>
/// <param name="Property">The property that carries the doc comment; null for those that the engine adds.</param>
/// <param name="Aliases">Other names.</param>
/// <param name="AcceptsWildcards">Marked with <c>SupportsWildcards</c>.</param>
/// <param name="DefaultValue">What a fresh cmdlet has, as text; null where that says nothing.</param>
/// <param name="Uses">How each parameter set takes it, by the set's name.</param>
internal sealed record ParameterDoc(
    string Name,
    Type Type,
    PropertyInfo? Property,
    IReadOnlyList<string> Aliases,
    bool AcceptsWildcards,
    string? DefaultValue,
    IReadOnlyDictionary<string, ParameterUse> Uses)
{
    /// <summary>How a set takes it; null where that set does not have it.</summary>
    public ParameterUse? In(string set) =>
        Uses.TryGetValue(set, out var use) || Uses.TryGetValue(ParameterUse.EverySet, out use) ? use : null;
}
