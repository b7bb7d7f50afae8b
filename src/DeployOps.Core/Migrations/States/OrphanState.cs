namespace DeployOps.Migrations.States;

/// <summary>The rows of a table that point to one that does not exist.</summary>
/// <param name="Table">The table.</param>
/// <param name="Rows">How many; null where its foreign key points to what is no key, so that nothing can be said.</param>
public sealed record OrphanState(string Table, long? Rows);
