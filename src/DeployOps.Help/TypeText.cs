using System.Management.Automation;

namespace DeployOps.Help;

/// <summary>Names types as a person at the prompt would.</summary>
internal static class TypeText
{
    /// <summary><c>String</c>, <c>TimeSpan</c>, <c>DeploymentWindow[]</c>: the last name, a nullable one by what it holds.</summary>
    public static string Short(Type type)
    {
        var shown = Nullable.GetUnderlyingType(type) ?? type;
        return shown.IsArray ? Short(shown.GetElementType()!) + "[]" : shown.Name.Split('`')[0];
    }

    /// <summary>The same with its namespace.</summary>
    public static string Full(Type type)
    {
        var shown = Nullable.GetUnderlyingType(type) ?? type;
        return shown.IsArray ? Full(shown.GetElementType()!) + "[]" : shown.FullName ?? shown.Name;
    }

    /// <summary>The names that may be given; empty where it is no enumeration.</summary>
    public static IReadOnlyList<string> Choices(Type type)
    {
        var shown = Nullable.GetUnderlyingType(type) ?? type;
        shown = shown.IsArray ? shown.GetElementType()! : shown;
        return shown.IsEnum ? Enum.GetNames(shown) : [];
    }

    /// <summary>True where giving the name is giving the value.</summary>
    public static bool IsSwitch(Type type) => type == typeof(SwitchParameter);
}
