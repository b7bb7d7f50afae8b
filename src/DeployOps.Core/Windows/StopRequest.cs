using DeployOps.Rollbacks;

namespace DeployOps.Windows;

/// <summary>Somebody asked forward motion to end.</summary>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="GoBack">True where a rollback follows; false where the window only stops.</param>
internal sealed record StopRequest(string By, string Reason, bool GoBack)
{
    /// <summary>What was asked for the databases; null where the plan says it. Whoever carries the rollback on goes the same way.</summary>
    public DatabaseRollback? Database { get; init; }

    /// <summary>What was asked for the folders of settings; null where the plan says it.</summary>
    public ConfigurationRollback? Configuration { get; init; }

    /// <summary>True where the loss of what was written since the backup was accepted.</summary>
    public bool AcceptDataLoss { get; init; }

    /// <summary>True where that was accepted for what is written until the database is replaced, too.</summary>
    public bool AcceptLaterLoss { get; init; }

    /// <summary>True where it was accepted that the old version gets the traffic back without instances that cannot serve it.</summary>
    public bool AcceptLessCapacity { get; init; }
}
