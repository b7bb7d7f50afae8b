namespace DeployOps.Migrations.Transactions;

/// <summary>What a script is to its database when it fails or when the run is killed.</summary>
public enum MigrationTransaction
{
    /// <summary>One transaction with its row in the history: all of it or nothing. Whenever every statement allows it.</summary>
    Tx,

    /// <summary>Each statement for itself, none within a transaction of ours: what was done before a failure stays. Where a statement needs it or the script says so.</summary>
    NoTx,
}
