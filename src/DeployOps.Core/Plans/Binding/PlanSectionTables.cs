using DeployOps.Plans.Syntax;

namespace DeployOps.Plans.Binding;

/// <summary>Tables and lists within a table.</summary>
internal static class PlanSectionTables
{
    /// <summary>The table of a key, or null.</summary>
    public static PlanSection? Table(this PlanSection section, string key, bool required, IReadOnlyList<string> known, params IReadOnlyList<string> later)
    {
        switch (section.Node(key, required))
        {
            case null:
                return null;
            case PlanTable table:
                return new PlanSection(section.Binding, table, section.Full(key), known, later);
            case var other:
                section.Wrong(key, other, "expected a table, @{ … }.");
                return null;
        }
    }

    /// <summary>The tables of a list; a single table counts as a list of one, as PowerShell reads it.</summary>
    public static IReadOnlyList<PlanSection> Tables(this PlanSection section, string key, bool required, IReadOnlyList<string> known)
    {
        var tables = new List<PlanSection>();
        foreach (var (name, node) in section.Items(key, required))
        {
            if (node is PlanTable table)
            {
                tables.Add(new PlanSection(section.Binding, table, name, known));
            }
            else if (node is not PlanRefused)
            {
                section.Binding.Report(node.Position, name, $"{PlanText.Show(node)}: expected a table, @{{ … }}.");
            }
        }

        return tables;
    }

    /// <summary>The values of a list with their whole names; a single value counts as a list of one.</summary>
    public static IEnumerable<(string Name, PlanNode Node)> Items(this PlanSection section, string key, bool required)
    {
        var node = section.Node(key, required);
        if (node is PlanList { Items.Count: 0 } empty && required)
        {
            section.Wrong(key, empty, "expected at least one.");
        }

        return node switch
        {
            null => [],
            PlanList list => list.Items.Select((item, index) => ($"{section.Full(key)}[{index}]", item)),
            _ => [($"{section.Full(key)}[0]", node)],
        };
    }

    /// <summary>Reports values that appear twice in a list, whatever their case. Empty ones were reported already.</summary>
    public static void RequireUnique(this IEnumerable<(PlanSection Section, string Value)> values, string key)
    {
        var seen = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (section, value) in values.Where(value => value.Value.Length > 0))
        {
            if (!seen.TryAdd(value, section.Full(key)))
            {
                section.Wrong(key, section.Node(key)!, $"is already {seen[value]}.");
            }
        }
    }
}
