namespace DeployOps.Rollbacks;

/// <summary>Why and how to go back.</summary>
/// <param name="Reason">Why.</param>
internal sealed record RollbackOrder(string Reason)
{
    /// <summary>What happens to the database instead of what the plan says; null follows the plan.</summary>
    public DatabaseRollback? Database { get; init; }

    /// <summary>True where somebody accepts that rows written since the backup are lost.</summary>
    public bool AcceptDataLoss { get; init; }
}
