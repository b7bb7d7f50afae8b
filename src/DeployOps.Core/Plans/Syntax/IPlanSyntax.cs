namespace DeployOps.Plans.Syntax;

/// <summary>Reads the text of a plan into data without running any of it.</summary>
public interface IPlanSyntax
{
    /// <summary>Parses a text. It never throws over what the text holds.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="path">The plan's path, for the errors.</param>
    /// <param name="errors">Takes every mistake found.</param>
    /// <returns>The plan's table, with <see cref="PlanRefused"/> where something is no data; null where the text has no structure to go on with.</returns>
    PlanNode? Parse(string text, string path, ICollection<PlanError> errors);
}
