namespace DeployOps.Migrations.Rehearsal;

/// <summary>Something that a script did otherwise in production than on the restored backup.</summary>
/// <param name="Text">What, with both figures.</param>
/// <param name="IsWarning">Whether others may have been kept waiting by it who were not to be: by a strong lock that was not rehearsed, or by a table that was written anew.</param>
public sealed record ProductionDifference(string Text, bool IsWarning)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
