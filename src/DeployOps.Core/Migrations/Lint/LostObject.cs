using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Something that a statement takes away or changes, of which the database is asked what uses it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name; of a column or a constraint that of its table.</param>
/// <param name="Part">The column or the constraint, folded as the server does; null for anything else.</param>
/// <param name="Manner">How it is taken away.</param>
public sealed record LostObject(LostKind Kind, SqlName Name, string? Part, LossManner Manner)
{
    /// <summary>Of a routine the types of its arguments as they are written, one a line, empty where it takes none; null where the statement does not say, or nobody can read it.</summary>
    public string? Arguments { get; init; }
}
