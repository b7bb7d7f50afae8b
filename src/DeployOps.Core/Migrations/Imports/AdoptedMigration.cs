namespace DeployOps.Migrations.Imports;

/// <summary>A row to be written into the history of a database that is taken in.</summary>
/// <param name="Row">The row.</param>
/// <param name="FileName">The script's file name; empty where there is none.</param>
/// <param name="Check">What was compared, in words.</param>
public sealed record AdoptedMigration(AppliedMigration Row, string FileName, AdoptionCheck Check)
{
    /// <inheritdoc/>
    public override string ToString() => FileName.Length > 0 ? $"{FileName}: {Check}" : $"{Row.Version}: {Check}";
}
