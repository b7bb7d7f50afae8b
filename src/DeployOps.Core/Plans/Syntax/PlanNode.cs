namespace DeployOps.Plans.Syntax;

/// <summary>A piece of a plan as it was written: data with its place, not yet understood.</summary>
/// <param name="Position">Where it begins.</param>
public abstract record PlanNode(PlanPosition Position);
