namespace DeployOps.Plans.Syntax;

/// <summary>A single value.</summary>
/// <param name="Position">Where it stands.</param>
/// <param name="Value">A <see cref="string"/>, <see cref="bool"/>, <see cref="long"/>, <see cref="double"/> or null.</param>
public sealed record PlanScalar(PlanPosition Position, object? Value) : PlanNode(Position);
