using DeployOps.Steps;
using DeployOps.Windows;

namespace DeployOps.Rollbacks;

/// <summary>Why and how to go back.</summary>
/// <param name="Reason">Why.</param>
internal sealed record RollbackOrder(string Reason)
{
    /// <summary>What happens to the database instead of what the plan says; null follows the plan.</summary>
    public DatabaseRollback? Database { get; init; }

    /// <summary>What happens to the folders of settings instead of what the plan says; null follows the plan.</summary>
    public ConfigurationRollback? Configuration { get; init; }

    /// <summary>True where somebody accepts that rows written since the backup are lost.</summary>
    public bool AcceptDataLoss { get; init; }

    /// <summary>True where that holds for what is written until the database is replaced, too, whoever writes it: by the parameter, not by a yes to what was named.</summary>
    public bool AcceptLaterLoss { get; init; }

    /// <summary>True where somebody accepts that the old version gets the traffic back without the instances that cannot be made to serve it.</summary>
    public bool AcceptLessCapacity { get; init; }

    /// <summary>The losses that a person has said yes to, as they were told; the yes holds for what is written until traffic is stopped too.</summary>
    public IReadOnlyList<string> Accepted { get; init; } = [];

    /// <summary>True where somebody has accepted that something is lost, before or when asked.</summary>
    internal bool LossIsAccepted => AcceptDataLoss || Accepted.Count > 0;

    /// <summary>This order, or where it says nothing of the database and an earlier one was not carried out to its end, the way that one had.</summary>
    internal RollbackOrder CarryingOn(WindowFacts facts) =>
        Database is null && facts.State is (WindowState.RollingBack or WindowState.RollbackFailed) && facts.Stop is { Request: { GoBack: true } before }
            ? this with { Database = before.Database, Configuration = Configuration ?? before.Configuration, AcceptDataLoss = AcceptDataLoss || (before.AcceptDataLoss && NobodyWroteSince(facts)), AcceptLaterLoss = AcceptLaterLoss || (before.AcceptLaterLoss && NobodyWroteSince(facts)), AcceptLessCapacity = AcceptLessCapacity || before.AcceptLessCapacity }
            : this;

    // Once an attempt has failed the old version has the traffic again and sells: that was not part of what somebody accepted.
    private static bool NobodyWroteSince(WindowFacts facts) => facts.State == WindowState.RollingBack || facts.Step(ClosedTrafficStep.Key) is { State: not StepState.Undone };
}
