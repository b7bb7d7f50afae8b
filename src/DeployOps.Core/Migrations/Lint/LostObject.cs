using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>Something that a statement takes away or changes, of which the database is asked what uses it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name; of a column or a constraint that of its table.</param>
/// <param name="Part">The column or the constraint, folded as the server does; null for anything else.</param>
/// <param name="Manner">How it is taken away.</param>
public sealed record LostObject(LostKind Kind, SqlName Name, string? Part, LossManner Manner);
