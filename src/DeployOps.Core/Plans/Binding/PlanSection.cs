using DeployOps.Plans.Syntax;

namespace DeployOps.Plans.Binding;

/// <summary>
/// One table of a plan, read key by key. What is missing or wrong is reported at its place and read as null, so that one pass
/// finds every mistake; a plan with mistakes is never used.
/// </summary>
internal sealed class PlanSection
{
    private readonly PlanTable table;
    private readonly string prefix;

    /// <summary>Opens a table and reports the keys it should not have.</summary>
    /// <param name="binding">What the whole plan shares.</param>
    /// <param name="table">The table.</param>
    /// <param name="prefix">Its own key, empty for the plan itself.</param>
    /// <param name="known">The keys it may have.</param>
    /// <param name="later">Keys that are designed but not built yet.</param>
    public PlanSection(PlanBinding binding, PlanTable table, string prefix, IReadOnlyList<string> known, params IReadOnlyList<string> later)
    {
        Binding = binding;
        this.table = table;
        this.prefix = prefix;
        foreach (var entry in table.Entries)
        {
            CheckKey(entry, known, later);
        }
    }

    /// <summary>What the whole plan shares.</summary>
    public PlanBinding Binding { get; }

    /// <summary>Where the table begins.</summary>
    public PlanPosition Position => table.Position;

    /// <summary>The whole name of a key.</summary>
    public string Full(string key) => prefix.Length == 0 ? key : $"{prefix}.{key}";

    /// <summary>Where a key's value stands; the table's own place where it has none.</summary>
    public PlanPosition At(string key) => Find(key)?.Position ?? Position;

    /// <summary>Whether the key is set at all, to something right or wrong.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The value of a key as it was written, or null; a value that is no data was reported already and counts as not there.</summary>
    public PlanNode? Node(string key, bool required = false)
    {
        var node = Find(key);
        if (node is null && required)
        {
            Binding.Report(Position, Full(key), "is missing.");
        }

        return node is PlanRefused ? null : node;
    }

    /// <summary>Reports that a key's value is wrong, with the value as it was written.</summary>
    public void Wrong(string key, PlanNode node, string expected) => Binding.Report(node.Position, Full(key), $"{PlanText.Show(node)}: {expected}");

    /// <summary>Reports something about a key that is not its value.</summary>
    public void Report(string key, string message) => Binding.Report(At(key), Full(key), message);

    /// <summary>Says something about a key that is no mistake but has to be known.</summary>
    public void Warn(string key, string message) => Binding.Warnings.Add(new PlanError(Binding.Path, At(key).Line, At(key).Column, Full(key), message));

    private PlanNode? Find(string key)
        => table.Entries.FirstOrDefault(entry => entry.Key.Equals(key, StringComparison.OrdinalIgnoreCase))?.Value;

    private void CheckKey(PlanEntry entry, IReadOnlyList<string> known, IReadOnlyList<string> later)
    {
        if (known.Contains(entry.Key, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }

        var shown = Full(PlanText.Shorten(entry.Key));
        if (later.Contains(entry.Key, StringComparer.OrdinalIgnoreCase))
        {
            Binding.Report(entry.KeyPosition, shown, $"{PlanBinding.NotSupported}.");
            return;
        }

        var nearest = NearestWord.Find(entry.Key, known);
        Binding.Report(
            entry.KeyPosition,
            shown,
            nearest is null ? $"is not a known key: expected {PlanText.Or(known)}." : $"is not a known key. Did you mean '{nearest}'?");
    }
}
