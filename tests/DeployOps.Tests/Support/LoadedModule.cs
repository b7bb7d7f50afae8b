using System.Reflection;

namespace DeployOps.Tests.Support;

/// <summary>Parts of the loaded module that no script sees, by reflection: there is one copy of the module, and no reference to it.</summary>
internal static class LoadedModule
{
    /// <summary>Makes an internal or public object of the module.</summary>
    public static object Make(string type, params object?[] arguments) =>
        Activator.CreateInstance(Type(type), BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, null, arguments, null)!;

    /// <summary>Makes a record with some of its properties set.</summary>
    public static object Record(string type, params (string Name, object? Value)[] properties)
    {
        var record = Make(type);
        foreach (var (name, value) in properties)
        {
            record.GetType().GetProperty(name)!.SetValue(record, value);
        }

        return record;
    }

    private static Type Type(string name) => AppDomain.CurrentDomain.GetAssemblies()
        .Where(assembly => assembly.GetName().Name is "DeployOps" or "DeployOps.Core")
        .Select(assembly => assembly.GetType(name))
        .Single(type => type is not null)!;
}
