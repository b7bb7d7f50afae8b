namespace DeployOps.Migrations.States;

/// <summary>A table at one moment.</summary>
/// <param name="Name">Its name with its schema, where its kind of database has schemas, in quotes where it needs them.</param>
/// <param name="Columns">A hash of its columns' names, types and defaults.</param>
/// <param name="Storage">Where its rows lie: another one after it was written anew or emptied; null where that is not known.</param>
/// <param name="Rows">How many rows it has; null where it is too large to count and nobody estimates it, or it cannot be read.</param>
/// <param name="Parent">The table it is a part of; null where it is none.</param>
public sealed record TableState(string Name, string Columns, long? Storage, long? Rows, string? Parent)
{
    /// <summary>Whether its rows were not counted: the server's own estimate, from what it has seen written.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>Tables whose rows take its own with them: foreign keys with ON DELETE CASCADE.</summary>
    public IReadOnlyList<string> Follows { get; init; } = [];
}
