namespace DeployOps.Migrations.Sql;

/// <summary>What a piece of SQL is, as far as statements, headers and rules need to know.</summary>
public enum SqlTokenKind
{
    /// <summary>A keyword or a bare identifier.</summary>
    Word,

    /// <summary>An identifier in quotes: <c>"a b"</c>, <c>`a b`</c> or <c>[a b]</c>.</summary>
    QuotedName,

    /// <summary>A string, with its prefix where it has one; also between dollar quotes.</summary>
    Text,

    /// <summary>What begins with a digit.</summary>
    Number,

    /// <summary>An operator, a bracket, a comma, a point: one character each.</summary>
    Symbol,

    /// <summary>A semicolon outside of strings and comments; MariaDB: or the delimiter that stands for it.</summary>
    Semicolon,

    /// <summary>A comment from two dashes, or MariaDB's <c>#</c>, to the end of its line.</summary>
    LineComment,

    /// <summary>A comment between <c>/*</c> and <c>*/</c>.</summary>
    BlockComment,

    /// <summary>MariaDB: <c>/*!50003</c> or the <c>*/</c> that closes it. What is between runs.</summary>
    ExecutableMark,
}
