using DeployOps.Plans.Syntax;

namespace DeployOps.Plans;

/// <summary>Something that is no data and was already reported; it stands in so that the rest of the plan can still be judged.</summary>
/// <param name="Position">Where it begins.</param>
public sealed record PlanRefused(PlanPosition Position) : PlanNode(Position);
