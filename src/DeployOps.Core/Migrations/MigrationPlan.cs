namespace DeployOps.Migrations;

/// <summary>What a migration would do to one database.</summary>
public sealed record MigrationPlan
{
    /// <summary>The scripts to apply, in order. Out-of-order ones are among them, for whoever decides to deviate.</summary>
    public required IReadOnlyList<MigrationScript> Pending { get; init; }

    /// <summary>The database's history, by version.</summary>
    public required IReadOnlyList<AppliedMigration> Applied { get; init; }

    /// <summary>The newest applied version, or null where none is.</summary>
    public MigrationVersion? Current { get; init; }

    /// <summary>The newest version after the pending ones, or null where there is none at all.</summary>
    public MigrationVersion? Target { get; init; }

    /// <summary>The reasons not to go on; empty where everything fits.</summary>
    public IReadOnlyList<MigrationRefusal> Refusals { get; init; } = [];

    /// <summary>What does not fit and is allowed by the script that it is about, each with its reason.</summary>
    public IReadOnlyList<MigrationRefusal> Allowed { get; init; } = [];

    /// <summary>Refuses unless everything fits or is allowed, and warns of what is.</summary>
    /// <exception cref="DeployOpsException">The first refusal; its message names the others.</exception>
    internal void Require(IStepReporter reporter)
    {
        ThrowIfRefused();
        foreach (var allowed in Allowed)
        {
            reporter.Warn($"{allowed.Message} Allowed: {allowed.Reason}");
        }
    }

    /// <summary>Refuses unless everything fits or is allowed.</summary>
    /// <exception cref="DeployOpsException">The first refusal; its message names the others.</exception>
    public void ThrowIfRefused()
    {
        if (Refusals.Count == 0)
        {
            return;
        }

        var first = Refusals[0];
        var others = string.Concat(Refusals.Skip(1).Select(refusal => $" Also {refusal.Message}"));
        throw (first with { Message = first.Message + others }).ToException();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Current?.ToString() ?? "no version"} -> {Target?.ToString() ?? "no version"}, {Pending.Count} pending";
}
