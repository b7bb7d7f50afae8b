namespace DeployOps.Migrations.Sql;

/// <summary>What the reading of a piece depends on besides its characters.</summary>
/// <param name="Dialect">Whose rules.</param>
/// <param name="Delimiter">What ends a statement; other than a semicolon only for MariaDB.</param>
/// <param name="IsExecutable">Within MariaDB's <c>/*! … */</c>, where the closing is a piece of its own.</param>
internal readonly record struct SqlLexing(SqlDialect Dialect, string Delimiter = ";", bool IsExecutable = false)
{
    /// <summary>What the next piece depends on. A mark opens within nothing and closes within its own, since they do not nest.</summary>
    internal SqlLexing After(SqlTokenKind kind) => kind == SqlTokenKind.ExecutableMark ? this with { IsExecutable = !IsExecutable } : this;
}
