namespace DeployOps.Migrations.Rehearsal;

/// <summary>How much of a migration is tried on the restored backup before production is touched.</summary>
public enum RehearsalExtent
{
    /// <summary>Every pending script, the validations and the undo scripts.</summary>
    Full,

    /// <summary>Nothing.</summary>
    None,
}
