using DeployOps.Migrations.Sql;

namespace DeployOps.Migrations.Lint;

/// <summary>A statement within a block of PL/pgSQL, or within a compound of MariaDB.</summary>
/// <param name="Statement">It.</param>
/// <param name="Branches">The branches it stands in, outermost first: what is in one may not be run, or be taken back by a handler. Empty where it is always run.</param>
internal sealed record InnerStatement(SqlStatement Statement, IReadOnlyList<int> Branches);
