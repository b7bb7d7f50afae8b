namespace DeployOps.Plans.Syntax;

/// <summary>One line of a table.</summary>
/// <param name="Key">The key as it was written.</param>
/// <param name="KeyPosition">Where the key stands.</param>
/// <param name="Value">What it is set to.</param>
public sealed record PlanEntry(string Key, PlanPosition KeyPosition, PlanNode Value);
