namespace DeployOps.Plans.Syntax;

/// <summary>A table, <c>@{ Key = value }</c>.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Entries">What it holds, in the order it was written; no key twice, whatever its case.</param>
public sealed record PlanTable(PlanPosition Position, IReadOnlyList<PlanEntry> Entries) : PlanNode(Position);
