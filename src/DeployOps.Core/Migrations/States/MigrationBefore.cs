using DeployOps.Migrations.Validations;

namespace DeployOps.Migrations.States;

/// <summary>What was seen of a database before its migration, kept in the journal so that a run that carries on compares with the same.</summary>
/// <param name="Answers">What the queries answered that are expected to answer the same after it.</param>
/// <param name="State">What it consisted of; null where its kind does not tell or nothing was pending.</param>
internal sealed record MigrationBefore(IReadOnlyList<ValidationBaseline> Answers, DatabaseState? State)
{
    /// <summary>What the queries came to that are judged before the migration, without rows.</summary>
    public IReadOnlyList<ValidationCheck> Checks { get; init; } = [];

    /// <summary>How many replicas were connected.</summary>
    public int Replicas { get; init; }

    internal static MigrationBefore Nothing { get; } = new([], null);
}
