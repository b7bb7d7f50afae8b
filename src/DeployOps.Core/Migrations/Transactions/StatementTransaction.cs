namespace DeployOps.Migrations.Transactions;

/// <summary>How one statement stands to a transaction around it.</summary>
public enum StatementTransaction
{
    /// <summary>It is part of the transaction, and undone with it.</summary>
    Inside,

    /// <summary>The server refuses it within a transaction, or it may end one.</summary>
    Outside,

    /// <summary>It begins or ends a transaction.</summary>
    Control,

    /// <summary>It commits what was open before it and itself when it is done: DDL of MariaDB.</summary>
    ImplicitCommit,

    /// <summary>It changes nothing that lasts: a setting of the session, statistics. It fits with all others.</summary>
    Neutral,
}
