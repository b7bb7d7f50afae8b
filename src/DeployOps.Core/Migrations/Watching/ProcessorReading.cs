namespace DeployOps.Migrations.Watching;

/// <summary>What was last heard of the processors of the database's host.</summary>
/// <param name="Share">How busy they were, 0 to 1; null where that is not known.</param>
/// <param name="Unknown">Why it is not known; empty where it is, or where nobody has answered yet.</param>
public sealed record ProcessorReading(double? Share, string Unknown)
{
    /// <summary>Nobody has answered yet.</summary>
    public static ProcessorReading None { get; } = new(null, "");
}
