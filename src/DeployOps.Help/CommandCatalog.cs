using System.Management.Automation;
using System.Reflection;

namespace DeployOps.Help;

/// <summary>Finds the cmdlets of an assembly and what their attributes say of them.</summary>
internal static class CommandCatalog
{
    /// <summary>Every public cmdlet, in the order of its name.</summary>
    public static IReadOnlyList<CommandDoc> Read(Assembly assembly) => assembly.GetExportedTypes()
        .Where(type => !type.IsAbstract && type.GetCustomAttribute<CmdletAttribute>() is not null)
        .Select(Read)
        .OrderBy(command => command.Name, StringComparer.Ordinal)
        .ToList();

    private static CommandDoc Read(Type type)
    {
        var cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
        var parameters = type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetCustomAttributes<ParameterAttribute>().Any(attribute => !attribute.DontShow))
            .Select(property => Read(property, type))
            .Concat(cmdlet.SupportsShouldProcess ? ShouldProcessParameters() : [])
            .ToList();

        return new CommandDoc(
            cmdlet.VerbName,
            cmdlet.NounName,
            type,
            parameters,
            Sets(cmdlet, parameters),
            type.GetCustomAttributes<OutputTypeAttribute>().SelectMany(output => output.Type).Select(output => output.Type).OfType<Type>().Distinct().ToList());
    }

    private static ParameterDoc Read(PropertyInfo property, Type cmdlet) => new(
        property.Name,
        property.PropertyType,
        property,
        property.GetCustomAttribute<AliasAttribute>()?.AliasNames.ToList() ?? [],
        property.GetCustomAttribute<SupportsWildcardsAttribute>() is not null,
        DefaultValue(property, cmdlet),
        property.GetCustomAttributes<ParameterAttribute>().ToDictionary(
            attribute => attribute.ParameterSetName,
            ParameterUse.From,
            StringComparer.OrdinalIgnoreCase));

    private static List<string> Sets(CmdletAttribute cmdlet, IEnumerable<ParameterDoc> parameters)
    {
        var named = parameters.SelectMany(parameter => parameter.Uses.Keys)
            .Where(set => set != ParameterUse.EverySet)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .OrderByDescending(set => set.Equals(cmdlet.DefaultParameterSetName, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return named.Count > 0 ? named : [ParameterUse.EverySet];
    }

    private static string? DefaultValue(PropertyInfo property, Type cmdlet)
    {
        if (property.PropertyType == typeof(SwitchParameter) || !property.CanRead)
        {
            return null;
        }

        var value = property.GetValue(Activator.CreateInstance(cmdlet));
        return value is string { Length: > 0 } or TimeSpan or ValueType and not false && !value.Equals(Unset(value.GetType()))
            ? Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)
            : null;
    }

    private static object? Unset(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;

    private static IEnumerable<ParameterDoc> ShouldProcessParameters() =>
        new[] { ("WhatIf", "wi"), ("Confirm", "cf") }.Select(each => new ParameterDoc(
            each.Item1,
            typeof(SwitchParameter),
            Property: null,
            [each.Item2],
            AcceptsWildcards: false,
            DefaultValue: null,
            new Dictionary<string, ParameterUse> { [ParameterUse.EverySet] = new(IsMandatory: false, Position: null, ByValue: false, ByPropertyName: false) }));
}
