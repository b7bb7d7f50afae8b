namespace DeployOps.Migrations.Sql;

/// <summary>What the reading of a piece depends on besides its characters.</summary>
/// <param name="Dialect">Whose rules.</param>
/// <param name="Delimiter">What ends a statement; other than a semicolon only for MariaDB.</param>
/// <param name="IsExecutable">Within MariaDB's <c>/*! … */</c>, where the closing is a piece of its own.</param>
/// <param name="PlainBackslashes">Whether a backslash in a text of MariaDB is a letter like others, as in its mode NO_BACKSLASH_ESCAPES.</param>
/// <param name="AnsiQuotes">Whether double quotes of MariaDB hold a name, as in its mode ANSI_QUOTES.</param>
internal readonly record struct SqlLexing(SqlDialect Dialect, string Delimiter = ";", bool IsExecutable = false, bool PlainBackslashes = false, bool AnsiQuotes = false)
{
    /// <summary>What the next piece depends on. A mark opens within nothing and closes within its own, since they do not nest.</summary>
    internal SqlLexing After(SqlTokenKind kind) => kind == SqlTokenKind.ExecutableMark ? this with { IsExecutable = !IsExecutable } : this;
}
