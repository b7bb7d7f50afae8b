namespace DeployOps.Migrations.Watching;

/// <summary>A transaction of somebody else that has been open for long, or one that was prepared and never ended.</summary>
/// <param name="Owner">Who has it, in words.</param>
/// <param name="Age">For how long it has been open.</param>
public sealed record OldTransaction(string Owner, TimeSpan Age)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Owner} for {WatchText.Time(Age)}";
}
