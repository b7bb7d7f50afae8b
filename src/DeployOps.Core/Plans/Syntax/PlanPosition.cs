namespace DeployOps.Plans.Syntax;

/// <summary>Where something stands in the text of a plan.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
public readonly record struct PlanPosition(int Line, int Column);
