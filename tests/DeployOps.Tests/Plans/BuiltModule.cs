using System.Reflection;

namespace DeployOps.Tests.Plans;

/// <summary>The built module's types, found by name: the tests have no reference to the module, so that there is one copy of it.</summary>
internal static class BuiltModule
{
    private static readonly Assembly Module = Assembly.LoadFrom(Path.Combine(Root(), "module", "bin", "DeployOps.dll"));

    private static readonly Assembly Core = Assembly.LoadFrom(Path.Combine(Root(), "module", "bin", "DeployOps.Core.dll"));

    /// <summary>Every mistake in a text, as <c>line:column message</c>, and whether there is a tree.</summary>
    public static (bool HasTree, IReadOnlyList<string> Errors) Parse(string text)
    {
        var syntax = Activator.CreateInstance(Module.GetType("DeployOps.Plans.DataFileSyntax", throwOnError: true)!)!;
        var errors = Activator.CreateInstance(typeof(List<>).MakeGenericType(CoreType("DeployOps.Plans.PlanError")))!;
        var tree = syntax.GetType().GetMethod("Parse")!.Invoke(syntax, [text, "/plans/plan.psd1", errors]);
        return (tree is not null, [.. ((System.Collections.IEnumerable)errors).Cast<object>().Select(error => error.ToString()!)]);
    }

    /// <summary>The tree of a text as one line: tables in braces, lists in brackets, texts in quotes.</summary>
    public static string Tree(string text)
    {
        var syntax = Activator.CreateInstance(Module.GetType("DeployOps.Plans.DataFileSyntax", throwOnError: true)!)!;
        var errors = Activator.CreateInstance(typeof(List<>).MakeGenericType(CoreType("DeployOps.Plans.PlanError")))!;
        return Show(syntax.GetType().GetMethod("Parse")!.Invoke(syntax, [text, "/plans/plan.psd1", errors]));
    }

    private static string Show(dynamic? node)
    {
        if (node is null)
        {
            return "nothing";
        }

        switch ((string)node.GetType().Name)
        {
            case "PlanTable":
                return "{" + string.Join(" ", ((IEnumerable<dynamic>)node.Entries).Select(entry => $"{entry.Key}@{entry.KeyPosition.Line}:{entry.KeyPosition.Column}={Show(entry.Value)}")) + "}";
            case "PlanList":
                return "[" + string.Join(" ", ((IEnumerable<dynamic>)node.Items).Select(item => Show(item))) + "]";
            case "PlanRefused":
                return "refused";
            default:
                object? value = node.Value;
                return value switch
                {
                    null => "null",
                    string text => $"'{text}'",
                    _ => FormattableString.Invariant($"{value}:{value.GetType().Name}"),
                };
        }
    }

    private static Type CoreType(string name) => Core.GetType(name, throwOnError: true)!;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "DeployOps.psd1")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The repository's root is not above the tests.");
        }

        return folder.FullName;
    }
}
