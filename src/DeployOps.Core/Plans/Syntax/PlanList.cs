namespace DeployOps.Plans.Syntax;

/// <summary>A list, <c>@( … )</c> or values with commas between.</summary>
/// <param name="Position">Where it begins.</param>
/// <param name="Items">Its values in order.</param>
public sealed record PlanList(PlanPosition Position, IReadOnlyList<PlanNode> Items) : PlanNode(Position);
